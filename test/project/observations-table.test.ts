import { expect, it } from 'vitest'
import { observationEntries, withTable } from '../../tools/observations-table.ts'
import { textOf, trackedFiles } from './repository.ts'

it('lists every observation with its fields as the source has them (`npm run docs:observations` writes the table)', () => {
  const page = textOf('docs/operations.md')
  expect(page).toBe(withTable(page))
})

it('finds every kind in the source', () => {
  const kinds = textOf('src/observe/levels.ts').match(/(?<=')[a-z]+\.[a-z-]+(?=':)/g)
  expect(observationEntries().map(({ kind }) => kind)).toEqual(kinds)
})

it('has no kind that nothing says', () => {
  const sources = trackedFiles().filter((path) => /^src\/(?!observe\/|operator\/describe).*\.ts$/.test(path))
  const said = new Set(sources.flatMap((path) => textOf(path).match(/(?<=kind: ')[a-z]+\.[a-z-]+(?=')/g) ?? []))
  expect(observationEntries().filter(({ kind }) => !said.has(kind))).toEqual([])
})

it('gives each entry a sentence, and a part and what happened as its kind', () => {
  for (const { kind, meaning } of observationEntries()) {
    expect(kind).toMatch(/^[a-z]+\.[a-z-]+$/)
    expect(meaning).toMatch(/^[A-Z].*\.$/)
  }
})
