import { newEra } from '../era.ts'
import { storedEra } from '../schema/history.ts'
import type { Toolkit } from '../toolkit.ts'

/** An era that an operator began. */
export interface NewEra {
  era: number
  before: number
}

/**
 * Begins a new era: commit tokens of before are refused, and running workers build every table and index again. For a
 * history that has branched where nothing shows it, such as a volume snapshot that was put back while no worker ran.
 *
 * @throws DATABASE_STANDBY
 */
export async function beginNewEra({ pool }: Toolkit): Promise<NewEra> {
  const client = await pool.connect()
  try {
    const before = await storedEra(client)
    return { era: await newEra(client), before }
  } finally {
    client.release()
  }
}
