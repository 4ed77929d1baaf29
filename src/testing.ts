/**
 * The door of `trifold/testing`. No test runner is imported: it works with vitest, jest and node:test.
 *
 * @module trifold/testing
 */

export type { Connection } from './testing/connection.ts'
export type { Difference } from './testing/difference.ts'
export type { Disagreement } from './testing/disagreement.ts'
export type { ExpectOptions, Given, Step } from './testing/given.ts'
export { openTestKit, type TestKit } from './testing/kit.ts'
export type { KitTargetName, TestKitOptions } from './testing/kit-options.ts'
export type { ArbitraryOf, Command } from './testing/property/history.ts'
export type { Tally } from './testing/property/tally.ts'
export { type AlwaysOptions, expectAlwaysSameAsDefinition } from './testing/property.ts'
export type { TouchingEvent } from './testing/touching-events.ts'
