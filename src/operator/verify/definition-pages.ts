import type pg from 'pg'
import { columnList, decodeWhatCan } from '../../definition/rows.ts'
import { type Definition, definitionSource } from '../../definition.ts'
import type { Row } from '../../encoding.ts'
import { keyColumnsSql } from '../../query.ts'

/**
 * All rows of the definition at one snapshot, page by page, in the order of the key: the order in which targets give
 * theirs. No more than a page is held.
 */
export async function* definitionPages(pool: pg.Pool, definition: Definition, pageSize: number): AsyncGenerator<Row[]> {
  const client = await pool.connect()
  try {
    await client.query('begin isolation level repeatable read, read only')
    await client.query('set local idle_in_transaction_session_timeout = 0') // it reads only: nobody waits for it
    await client.query(`
      declare trifold_definition no scroll cursor for
      select ${columnList(definition)}
      from ${definitionSource(definition)} as definition
      order by ${keyColumnsSql(definition)}`)
    for (;;) {
      const { rows } = await client.query(`fetch ${pageSize} from trifold_definition`)
      if (rows.length === 0) return
      yield rows.map((row) => decodeWhatCan(definition, row))
    }
  } finally {
    await client.query('rollback').catch(() => {}) // a broken connection has rolled back already
    client.release()
  }
}
