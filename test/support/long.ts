/** Whether this is `npm run test:long`: it runs the files that import this one and those named `*.long.test.ts`. */
export const isLong = process.env.TRIFOLD_TEST_LONG === '1'

/** How many rounds a test has: a few with `npm test`, as many as are worth the wait with `npm run test:long`. */
export const fewOrMany = (few: number, many: number): number => (isLong ? many : few)

/**
 * Every case with `npm run test:long`, each third one (or each `one`-th) with `npm test`; which these are depends on the seed,
 * and there is always one.
 */
export const someOrAll = <T>(cases: readonly T[], seed: number, one = 3): T[] =>
  cases.filter((_, place) => isLong || (place + seed) % Math.min(one, cases.length) === 0)
