/** Whether this is `npm run test:long`: it runs the files that import this one and those named `*.long.test.ts`. */
export const isLong = process.env.TRIFOLD_TEST_LONG === '1'

/** How many rounds a test has: a few with `npm test`, as many as are worth the wait with `npm run test:long`. */
export const fewOrMany = (few: number, many: number): number => (isLong ? many : few)

/** Whether the long tests leave nothing out: `TRIFOLD_TEST_ALL=1 npm run test:long`. */
const isWhole = process.env.TRIFOLD_TEST_ALL === '1'

/**
 * Each third case (or each `few`-th) with `npm test`, every one (or each `many`-th) with `npm run test:long`; which these are
 * depends on the seed, and there is always one.
 */
export const someOrAll = <T>(cases: readonly T[], seed: number, few = 3, many = 1): T[] => {
  const each = isWhole ? 1 : Math.min(isLong ? many : few, cases.length)
  return cases.filter((_, place) => (place + seed) % each === 0)
}
