import type { EntityManager } from '@mikro-orm/postgresql'
import { mikroOrmExecutor } from 'trifold'

/** The next number of the shop's own, such as `SO-00000042`. A transaction that rolls back leaves a gap. */
export async function nextOrderNumber(em: EntityManager): Promise<string> {
  const { rows } = await mikroOrmExecutor(em).query(`select nextval('public.order_number')::text as number`)
  return `SO-${String(rows[0]?.number).padStart(8, '0')}`
}
