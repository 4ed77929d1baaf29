import type { Column, Definition } from 'trifold/internal/definition'
import { anyOf, listOf, objectWith, oneOf, ref, type Schema } from './schema.ts'
import { cellSchema } from './value-schema.ts'

const answer = (definition: Definition, more: Readonly<Record<string, Schema>>, required: readonly string[]): Schema =>
  objectWith(
    {
      ...more,
      target: { type: 'string', description: `The target that answered, such as ${definition.readModel}@table.` },
      waited: { type: 'number', description: 'Milliseconds that the read waited for a commit, if one was given.' },
      asOf: { type: 'string', description: 'The answer is complete up to this time: ISO 8601 in UTC.' },
      snapshot: { type: 'string', description: 'The snapshot of that time, as PostgreSQL writes it.' },
      lag: { type: 'number', description: 'Milliseconds for which the oldest event waits that it may lack.' },
      degraded: {
        const: true,
        description: 'Rows may lack an event that the target could not take; left out if none does.',
      },
    },
    ['target', ...required],
  )

/** A row: the columns that were chosen. */
export const rowSchema = ({ columns }: Definition): Schema =>
  objectWith(Object.fromEntries(columns.map((column: Column) => [column.name, cellSchema(column)])), [])

const fragment = listOf(objectWith({ text: { type: 'string' }, match: { type: 'boolean' } }))

const counted = objectWith({ text: { type: 'string' }, count: { type: 'integer' } })

/** Texts that somebody may have wanted to type. */
export const suggestionsSchema = (definition: Definition): Schema =>
  answer(definition, { suggestions: listOf(counted) }, ['suggestions'])

/** A page of rows. */
export const foundSchema = (definition: Definition): Schema =>
  answer(
    definition,
    {
      rows: listOf(ref(`${definition.readModel}.row`)),
      highlights: listOf({ type: 'object', additionalProperties: listOf(fragment) }),
      total: { type: 'integer', description: 'Rows on all pages, if the request asked for them.' },
      didYouMean: {
        ...counted,
        description: 'Words that find more, if `text` found little; left out if there are none.',
      },
      cursor: { type: 'string', description: 'Asks for the next page; left out on the last one.' },
    },
    ['rows'],
  )

/** Groups with their numbers. Their values are of as many types as columns have. */
export const summarySchema = (definition: Definition): Schema =>
  answer(
    definition,
    {
      groups: listOf({
        ...objectWith(
          {
            group: { description: 'The value; a list with several terms, and null without `group`.' },
            count: { type: 'integer' },
            sum: { description: 'In the type of the column, decimals as text; null if none was asked for.' },
            aggregates: { type: 'object', description: 'By name, if the request has them.' },
          },
          ['group', 'count', 'sum'],
        ),
      }),
      more: { type: 'boolean', description: 'Whether there are more groups than `limit`.' },
      approximate: { type: 'boolean', description: 'Whether an index cannot vouch for a number or the order.' },
    },
    ['groups', 'more', 'approximate'],
  )

/** What `/read-models` says of one. */
export const entrySchema: Schema = objectWith({
  name: { type: 'string' },
  key: listOf({ type: 'string' }),
  columns: listOf(
    objectWith({
      name: { type: 'string' },
      type: { type: 'string' },
      conditions: listOf({ type: 'string' }),
      uses: listOf({ type: 'string' }),
    }),
  ),
  targets: listOf(
    objectWith({
      name: oneOf(['table', 'view', 'search']),
      serves: { type: 'boolean' },
      lag: { type: ['integer', 'null'], description: 'Milliseconds that it is behind.' },
      reflectedAt: anyOf({ type: 'string', format: 'date-time' }, { type: 'null' }),
      text: listOf({ type: 'string' }, { description: 'The columns that it searches for `text`.' }),
      verified: anyOf(
        objectWith({
          at: { type: 'string', format: 'date-time' },
          share: { type: 'number', description: 'The share of the rows that were compared with the definition.' },
          differing: { type: 'integer', description: 'Rows that differed and were not repaired.' },
        }),
        { type: 'null' },
      ),
    }),
  ),
  timeZone: { type: 'string' },
  formats: listOf({ type: 'string' }),
  limits: objectWith({ rows: { type: 'integer' }, groups: { type: 'integer' } }),
})

/** An error (RFC 9457). */
export const problemSchema: Schema = objectWith(
  {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    limit: { type: 'string', description: 'The limit that the request exceeds.' },
    targets: listOf(oneOf(['table', 'view', 'search']), { description: 'The targets that can answer it.' }),
  },
  ['type', 'title', 'status', 'detail', 'code'],
)
