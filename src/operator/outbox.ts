import { type OutboxFacts, readOutboxFacts } from '../schema/outbox.ts'
import type { Toolkit } from '../toolkit.ts'

export type { OutboxFacts } from '../schema/outbox.ts'

/** How large the outbox is, how far it goes back, and which targets hold what could be dropped. */
export async function outboxUse({ pool }: Toolkit): Promise<OutboxFacts> {
  const client = await pool.connect()
  try {
    return await readOutboxFacts(client)
  } finally {
    client.release()
  }
}
