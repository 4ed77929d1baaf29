import { indexBody, indexColumns } from '../../../src/materializers/search/mapping.ts'
import { indexReader, type ReadIndex } from '../../../src/query/search.ts'
import { searchedColumns } from '../../../src/read-model/text-column.ts'
import type { SearchTarget } from '../../../src/read-model.ts'
import { createSearch, type TestSearch } from '../../support/search.ts'
import { createThingsTable, type Things } from '../things.ts'

export interface Words {
  id: number
  name: string
  status?: string
  quantity?: number
  region?: string
}

/** Indexes of things, for what is written in them. */
export class WordIndexes {
  readonly things: Things
  readonly search: TestSearch
  private made = 0

  private constructor(things: Things, search: TestSearch) {
    this.things = things
    this.search = search
  }

  static async open(): Promise<WordIndexes> {
    return new WordIndexes(await createThingsTable([]), createSearch())
  }

  async create(rows: readonly Words[], { shards = 1, ...target }: SearchTarget = {}) {
    const index = `${this.search.prefix}words-${++this.made}`
    const text = searchedColumns({ text: ['name'], ...target })
    const { definition } = this.things
    const body = indexBody(indexColumns(definition), { shards, text, own: target })
    await this.search.client.indices.create({ index, body: body as never })
    await this.write(index, rows)
    const source: ReadIndex = { index, definition, target: 'things@search', text, rules: target }
    return { index, reader: indexReader(this.search.client, source) }
  }

  async write(index: string, rows: readonly Words[]): Promise<void> {
    if (rows.length === 0) return
    const body = rows.flatMap((row) => [
      { index: { _id: String(row.id) } },
      { region: 'north', status: 'new', changed_at: '2024-01-01T00:00:00.000000Z', ...row },
    ])
    await this.search.client.bulk({ index, refresh: true, body: body as never })
  }

  async close(): Promise<void> {
    await this.search.close()
    await this.things.close()
  }
}
