// What a target reflects: asked by reads that wait for a commit, by status, by the schedule and by comparisons.
export { branches } from './freshness/branches.ts'
export { type Freshness, readFreshness } from './freshness/lag.ts'
export { type LogFacts, readLog } from './freshness/log.ts'
export { type AwaitedTarget, type FreshTarget, freshTarget, reflectedSnapshots } from './freshness/reflected.ts'
export { type WaitOptions, waitForToken } from './freshness/wait.ts'
