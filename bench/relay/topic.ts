import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin } from '@platformatic/kafka'

/** Creates a topic with a name of its own. */
export async function createTopic(brokers: string, partitions: number): Promise<string> {
  const name = `bench-${randomBytes(4).toString('hex')}`
  const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [brokers] })
  try {
    await admin.createTopics({ topics: [name], partitions, replicas: 1 })
    while (!(await admin.listTopics()).includes(name)) await sleep(50)
    return name
  } finally {
    await admin.close()
  }
}
