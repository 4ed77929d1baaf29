import { chown, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from '../account.ts'
import { makePrivateFolder } from '../workspace.ts'

/** The folders and files of one broker. */
export interface BrokerFiles {
  settings: string
  data: string
}

/** The loopback ports of a broker. */
export interface BrokerPorts {
  broker: number
  controller: number
}

/**
 * Makes the broker's folders below `home` and writes its configuration: one node that is broker and controller (KRaft), on the
 * loopback address. It makes no topic that nobody asked for, keeps one copy of its own topics, and lets a group of consumers
 * begin without a pause.
 */
export async function writeConfiguration(
  home: string,
  ports: BrokerPorts,
  account: Account | undefined,
): Promise<BrokerFiles> {
  await makePrivateFolder(home, account)
  const files = {
    settings: join(home, 'server.properties'),
    data: await makePrivateFolder(join(home, 'data'), account),
  }
  await write(files.settings, settings(files.data, ports), account)
  return files
}

function settings(data: string, { broker, controller }: BrokerPorts): string {
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${broker}`,
    'log.dirs': data,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

async function write(path: string, text: string, account: Account | undefined): Promise<void> {
  await writeFile(path, text)
  if (account !== undefined) await chown(path, account.uid, account.gid)
}
