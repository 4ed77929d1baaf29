import { expect, it } from 'vitest'
import { errorCatalogue } from '../../src/errors.ts'
import { nextSteps } from '../../tools/error-steps.ts'
import { errorsPage } from '../../tools/errors-page.ts'
import { textOf, trackedFiles } from './repository.ts'

it('lists every error code as the catalogue has it (`npm run docs:errors` writes the page)', () => {
  expect(textOf('docs/errors.md')).toBe(errorsPage())
})

it('has no code in the catalogue that nothing raises', () => {
  const sources = trackedFiles().filter(
    (path) => /^(src|packages|examples)\/.*\.ts$/.test(path) && path !== 'src/errors.ts',
  )
  const raised = new Set(sources.flatMap((path) => textOf(path).match(/(?<=['[])[A-Z]+(_[A-Z]+)*(?=['\]])/g) ?? []))
  expect(Object.keys(errorCatalogue).filter((code) => !raised.has(code))).toEqual([])
})

it('ends every meaning and every next step with a full stop, so that the page reads as sentences', () => {
  for (const meaning of Object.values(errorCatalogue)) expect(meaning).toMatch(/^[A-Z].*\.$/)
  for (const step of Object.values(nextSteps)) expect(step).toMatch(/^[A-Z`].*\.$/)
})
