import { expect, it } from 'vitest'
import { textOf } from './repository.ts'

it('shows no measured row on the page on choosing that is not among the figures', () => {
  const figures = measuredRows('docs/figures.md')
  const shown = measuredRows('docs/choosing.md')
  expect(shown.length).toBeGreaterThan(5)
  expect(shown.filter((row) => !figures.includes(row))).toEqual([])
})

/** The measured values of each row of a page's tables that has three of them. */
const measuredRows = (page: string): string[] =>
  [...textOf(page).matchAll(/(?:\| [\d.,]+ m?s ){3}\|/g)].map(([values]) => values)
