import type { Value } from '../../encoding.ts'
import type { Group } from '../group-entry.ts'
import type { Aggregated } from './aggregates.ts'

/** A group, and whether the engine vouches for its numbers. */
export interface FoundGroup extends Group {
  exact: boolean
}

/** Makes a group of its values, its count and the engine's answer to the aggregates. */
export type MakeGroup = (values: Value[], count: number, answer: Aggregated) => FoundGroup
