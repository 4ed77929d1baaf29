import { expect, it } from 'vitest'
import { roomOf, sources } from './imports.ts'
import { textOf, trackedFiles } from './repository.ts'

/** What the migrations create: their tables, and everything that has a name in SQL, sequences and partitions too. */
const migration = trackedFiles()
  .filter((path) => path.startsWith('migrations/'))
  .map(textOf)
  .join('\n')
const tables = [...migration.matchAll(/^create table trifold\.(\w+) \(/gm)].map((match) => match[1] as string)
const names = [...migration.matchAll(/^create (?:table|sequence) trifold\.(\w+)/gm)].map((match) => match[1] as string)

/** Sentences for the operator, who works with the tables by hand. They are all that may name one outside of `src/schema`. */
const sentences = [
  'could not compare the queue with trifold.schedules',
  'is being refreshed or rebuilt now; wait until that ends (see trifold.refreshes) and run it again',
  'alter sequence trifold.outbox_position cache 1, and rebuild the targets',
  'detach trifold.outbox_default, create the range partition, insert them, attach an empty default',
]

const named = new RegExp(`\\btrifold\\.(?:${names.join('|')})\\b|\\b(?:from|join|into|update|table) trifold\\.\\$`, 'g')

const code = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')

/** The names of tables in a source, except in its comments and in sentences for the operator. */
const namesIn = (text: string): string[] =>
  sentences.reduce((rest, sentence) => rest.replaceAll(sentence, ''), code(text)).match(named) ?? []

const files = sources()
const packages = sources(/^packages\/.*\/src\/.*\.ts$/)

it('names the tables of the schema trifold in src/schema only', () => {
  expect(packages.size).toBeGreaterThan(50)
  const others = [...[...files].filter(([path]) => roomOf(path) !== 'schema'), ...packages]
  expect(others.flatMap(([path, text]) => namesIn(text).map((name) => `${path}: ${name}`))).toEqual([])
})

it('has a module of src/schema for every table', () => {
  expect(tables.length).toBeGreaterThanOrEqual(10)
  for (const table of tables) {
    const module = `src/schema/${table.replaceAll('_', '-')}`
    const own = [...files].filter(([path]) => path === `${module}.ts` || path.startsWith(`${module}/`))
    expect(
      own.flatMap(([, text]) => namesIn(text)),
      module,
    ).toContain(`trifold.${table}`)
  }
})

it('allows no sentence that nobody says', () => {
  const text = [...files.values()].join('\n')
  expect(sentences.filter((sentence) => !text.includes(sentence))).toEqual([])
})

it('finds a table in a statement, also in one that is put together, and not in a comment', () => {
  expect(namesIn('`select from trifold.head`')).toContain('trifold.head')
  expect(namesIn('`delete from trifold.$' + '{table}`')).toHaveLength(1)
  expect(namesIn('/** A row of `trifold.head`. */\nconst a = 1 // of trifold.head')).toEqual([])
})
