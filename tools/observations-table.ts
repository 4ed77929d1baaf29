// Writes the table of docs/operations.md from src/observe/observations.ts: `npm run docs:observations`. A test compares
// the page with it.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { levelOf, type ObservationKind } from '../src/observe.ts'

const file = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** One entry of the interface `Observations`. */
export interface Entry {
  kind: ObservationKind
  meaning: string
  fields: string[]
}

/** The entries as they are written: each has a comment, a kind in quotes, and its fields in braces. */
export function observationEntries(): Entry[] {
  const source = readFileSync(file('src/observe/observations.ts'), 'utf8')
  const entries = source.matchAll(/\/\*\*([^*]*(?:\n {3}\* [^*]*)*)\*\/\n {2}'([a-z.-]+)': \{([^}]*)\}/g)
  return [...entries].map(([, meaning = '', kind, fields = '']) => ({
    kind: kind as ObservationKind,
    meaning: meaning.replaceAll(/\s+(\* )?/g, ' ').trim(),
    fields: [...fields.matchAll(/(\w+)\??:/g)].map(([, name]) => name as string),
  }))
}

const begin = '<!-- the table of observations: npm run docs:observations -->\n\n'
const end = '\n<!-- end of the table -->'

/** A page with the table as it should be. */
export function withTable(page: string): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the page has no place for the table: ${begin.trim()} … ${end.trim()}`)
  const rows = observationEntries().map(rowOf)
  const table = ['| kind | level | fields | what happened |', '|---|---|---|---|', ...rows]
  return `${page.slice(0, from)}${begin}${table.join('\n')}\n${page.slice(to)}`
}

function rowOf({ kind, meaning, fields }: Entry): string {
  const names = fields.map((name) => `\`${name}\``).join(' ')
  return `| \`${kind}\` | ${levelOf(kind)} | ${names} | ${meaning} |`
}

if (process.argv[2] === '--write') {
  const page = file('docs/operations.md')
  writeFileSync(page, withTable(readFileSync(page, 'utf8')))
}
