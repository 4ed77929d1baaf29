// The same rows in a table, a materialized view and an index of three shards, each with its reader.

import type { Row } from '../../src/encoding.ts'
import { indexReader, type ReadIndex } from '../../src/query/search.ts'
import { type Reader, relationReader } from '../../src/query.ts'
import { createSearch, type TestSearch } from '../support/search.ts'
import { createThingsIndex, createThingsTable, type Things } from './things.ts'

export class ThingTargets {
  readonly things: Things
  readonly search: TestSearch
  readonly source: ReadIndex
  readonly table: Reader
  readonly view: Reader
  readonly index: Reader

  private constructor(things: Things, search: TestSearch, source: ReadIndex) {
    const view = { ...things.relation, relation: 'public.things_view', target: 'things@view' }
    this.things = things
    this.search = search
    this.source = source
    this.table = relationReader(things.pool, things.relation)
    this.view = relationReader(things.pool, view)
    this.index = indexReader(search.client, source)
  }

  static async open(rows: readonly Row[]): Promise<ThingTargets> {
    const things = await createThingsTable(rows)
    await things.pool.query('create materialized view things_view as select * from things')
    const search = createSearch()
    return new ThingTargets(things, search, await createThingsIndex(search, things.definition, rows))
  }

  async close(): Promise<void> {
    await this.search.close()
    await this.things.close()
  }
}
