import type pg from 'pg'
import type { Column, Definition } from '../definition.ts'
import type { ReadModel } from '../read-model.ts'
import type { Generation } from '../schema/generations.ts'
import { quoteIdent } from '../sql.ts'
import { encodingsOf } from './column-encodings.ts'

/**
 * The columns that a generation was built with, as a definition to read it by: for a time in which its own does not
 * compile. Its SELECT has the columns and no row.
 */
export async function lastDefinition(
  pool: pg.Pool,
  readModel: string,
  model: Pick<ReadModel, 'key' | 'timeZone'>,
  generation: Generation,
): Promise<Definition> {
  const list = generation.columns.map(({ name, type }) => `null::${type} as ${quoteIdent(name)}`)
  const sql = `select ${list.join(', ')} limit 0`
  const { fields } = await pool.query(sql)
  const file = `generation ${generation.number} of ${generation.target}`
  const encodings = await encodingsOf(pool, file, fields)
  const columns = generation.columns.map(
    ({ name, notNull }, place) => ({ name, notNull, encoding: encodings[place] }) as Column,
  )
  const key = model.key.map((column) => columns.find(({ name }) => name === column) as Column)
  const { definitionVersion: version, definitionHash: hash } = generation
  return { readModel, version, file, sql, hash, columns, key, timeZone: model.timeZone ?? 'UTC' }
}
