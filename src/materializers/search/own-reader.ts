import { isTrifoldError } from '../../errors.ts'
import { type Checked, type Reader, readerOf } from '../../query/reader.ts'

/** How often the owners of the indexes are looked at while there are reads, in milliseconds. */
const lookEvery = 5_000

/**
 * A reader that refuses to answer from another database's index, which a shared prefix would show it. It looks beside the
 * read, so that nobody waits longer.
 *
 * @param refuseForeign throws INDEX_OWNED; what else it throws is for the read itself to find
 */
export function ownReader(reader: Reader, refuseForeign: () => Promise<void>): Reader {
  let last: { at: number; outcome: Promise<void> } | undefined
  const refuse = (error: unknown): void => {
    if (!isTrifoldError(error, 'INDEX_OWNED')) return
    last = undefined // the next read looks again: it may have been adopted
    throw error
  }
  const look = (): Promise<void> => {
    if (!last || performance.now() - last.at > lookEvery)
      last = { at: performance.now(), outcome: refuseForeign().catch(refuse) }
    return last.outcome
  }
  const whileOwn = <Answer>({ wait, answer }: Checked<Answer>): Checked<Answer> => ({
    wait,
    answer: (age) => Promise.all([answer(age), look()]).then(([given]) => given),
  })
  const guard = (guarded: Reader): Reader =>
    readerOf({
      checkFind: (request, form) => whileOwn(guarded.checkFind(request, form)),
      checkSummarize: (request) => whileOwn(guarded.checkSummarize(request)),
      checkSuggest: (request) => whileOwn(guarded.checkSuggest(request)),
      restricted: (restriction) => guard(guarded.restricted(restriction)),
      letGo: (cursor) => guarded.letGo(cursor),
      storedRows: (limit, after) => guarded.storedRows(limit, after),
    })
  return guard(reader)
}
