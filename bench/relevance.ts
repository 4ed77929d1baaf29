import { Client } from '@opensearch-project/opensearch'
import { indexBody } from '../src/materializers/search/mapping.ts'
import { textClause } from '../src/query/search/text.ts'
import { type PlannedText, textOf } from '../src/query/text.ts'
import { searchedColumns } from '../src/read-model/text-column.ts'
import type { Bench } from './bench.ts'
import { type Figure, figureOf } from './figure.ts'
import { type Peer, plainEngine, searchkick } from './relevance/peer.ts'
import { type RelevanceSet, relevanceSets } from './relevance/queries.ts'

const bench = 'relevance'
const fields = ['title', 'description', 'code'] as const

/** Trifold, with nothing but the columns and the language said. */
const trifold: Peer = {
  name: 'Trifold',
  indexBody: (columns, language) => {
    const text = searchedColumns({ text: columns, language })
    return {
      ...indexBody(
        columns.map((name) => ({ name, mapping: { type: 'keyword' } })),
        { text },
      ),
    }
  },
  query: (typed, columns, language) =>
    textClause(textOf(typed) as PlannedText, searchedColumns({ text: columns, language })),
}

/** How often the row that is wanted is among the first three, for words as people type them. */
export const relevance: Bench = {
  name: bench,
  title: 'Rows that people want among the first three, beside the documented defaults of peers',
  search: true,
  async run({ searchUrl, log }) {
    const client = new Client({ node: searchUrl as string })
    try {
      const figures: Figure[] = []
      for (const set of relevanceSets) {
        const found = await foundBy(client, trifold, set)
        for (const peer of [searchkick, plainEngine]) {
          const control = { name: peer.name, rounds: [await foundBy(client, peer, set)] }
          figures.push(
            figureOf({
              bench,
              name: `${set.language}, ${set.queries.length} queries`,
              unit: '%',
              rounds: [found],
              control,
              goal: { of: 'value', atLeast: 90 },
            }),
          )
        }
        log(`${set.language}: ${found.toFixed(0)} %`)
      }
      return figures
    } finally {
      await client.close()
    }
  },
}

/** Percent of the queries of a set. */
async function foundBy(client: Client, peer: Peer, { language, rows, queries }: RelevanceSet): Promise<number> {
  const index = `bench-relevance-${language}`
  await client.indices.create({ index, body: peer.indexBody(fields, language) as never })
  try {
    const body = rows.flatMap(([title, description, code], id) => [
      { index: { _id: String(id) } },
      { title, description, code },
    ])
    await client.bulk({ index, refresh: true, body: body as never })
    let found = 0
    for (const [typed, wanted] of queries) {
      const { body: answer } = await client.search({
        index,
        body: { size: 3, query: peer.query(typed, fields, language) } as never,
      })
      if (answer.hits.hits.some(({ _id }) => Number(_id) === wanted)) found += 1
    }
    return (100 * found) / queries.length
  } finally {
    await client.indices.delete({ index })
  }
}
