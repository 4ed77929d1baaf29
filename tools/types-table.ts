// Writes the table of docs/types.md from the encodings: `npm run docs:types`. A test compares the page with it.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Column } from '../src/definition.ts'
import { encodingOf, type PgType } from '../src/encoding/catalog.ts'
import { isOrdered, kindOf } from '../src/query/columns.ts'
import { operatorsOf } from '../src/query/conditions.ts'

const page = fileURLToPath(new URL('../docs/types.md', import.meta.url))

/** The types of the page in its order, as a definition names them, and as the catalog describes them. */
export const shownTypes: readonly (PgType & { name: string })[] = [
  { name: 'boolean', oid: 16 },
  { name: 'smallint', oid: 21 },
  { name: 'integer', oid: 23 },
  { name: 'bigint', oid: 20 },
  { name: 'real', oid: 700 },
  { name: 'double precision', oid: 701 },
  { name: 'numeric(p, s), p up to 15', oid: 1700, modifier: ((15 << 16) | 2) + 4 },
  { name: 'numeric', oid: 1700 },
  { name: 'text', oid: 25 },
  { name: 'character varying', oid: 1043 },
  { name: 'character', oid: 1042 },
  { name: 'an enum', oid: 0, labels: ['new', 'paid'] },
  { name: 'uuid', oid: 2950 },
  { name: 'bytea', oid: 17 },
  { name: 'date', oid: 1082 },
  { name: 'time without time zone', oid: 1083 },
  { name: 'timestamp without time zone', oid: 1114 },
  { name: 'timestamp with time zone', oid: 1184 },
  { name: 'jsonb', oid: 3802 },
  { name: 'an array of any but jsonb', oid: 1009, element: { oid: 25 } },
]

const begin = '<!-- the table of types: npm run docs:types -->\n\n'
const end = '\n<!-- end of the table -->'

/** The page with the table as it should be. */
export function withTypes(text: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the page has no place for the table: ${begin.trim()} … ${end.trim()}`)
  const head = '| in PostgreSQL | stored as | in TypeScript | field in an index | conditions | sort | group | sum |'
  const table = [head, '|---|---|---|---|---|---|---|---|', ...shownTypes.map(rowOf)]
  return `${text.slice(0, from)}${begin}${table.join('\n')}\n${text.slice(to)}`
}

function rowOf(type: PgType & { name: string }): string {
  const encoding = encodingOf(type)
  if (!encoding) throw new Error(`${type.name} is not supported`)
  const column: Column = { name: type.name, encoding, notNull: false }
  const isArray = encoding.element !== undefined
  const { mapping, exact } = encoding
  const field = `${mapping.type}${exact ? `, exact as ${exact.mapping.type}` : ''}`
  const kind = kindOf(column)
  const cells = [
    type.name,
    isArray ? 'the same array' : encoding.pgType,
    isArray ? '`(… \\| null)[]`' : `\`${encoding.tsType.replaceAll('|', '\\|')}\``,
    isArray ? 'that of the elements' : mapping.enabled === false ? 'stored only' : field,
    operatorsOf(column).join(', ') || 'none',
    yes(isOrdered(column)),
    isArray ? 'by element' : yes(kind !== 'json'),
    yes(kind === 'number' || kind === 'decimal'),
  ]
  return `| ${cells.join(' | ')} |`
}

const yes = (is: boolean): string => (is ? 'yes' : 'no')

if (process.argv[2] === '--write') writeFileSync(page, withTypes(readFileSync(page, 'utf8')))
