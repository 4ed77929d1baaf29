// Reading: one request shape for every target.

export { keyAsked } from './query/key-asked.ts'
export type { Checked, Reader } from './query/reader.ts'
export type { ReadRelation } from './query/relation/find.ts'
export { collationSql, indexColumnsSql, keyColumnsSql } from './query/relation/indexes.ts'
export { rangePart } from './query/relation/key-range.ts'
export { relationReader } from './query/relation/reader.ts'
export type {
  Age,
  Bounds,
  Chosen,
  Condition,
  Correction,
  Find,
  Found,
  Fragment,
  FullText,
  Highlights,
  Read,
  SortTerm,
  Where,
} from './query/request.ts'
export { type Restriction, restricted } from './query/restriction.ts'
export type { Suggest, Suggestion, Suggestions } from './query/suggest.ts'
export type {
  Aggregate,
  Aggregates,
  CalendarGroup,
  CalendarInterval,
  Grouping,
  GroupOf,
  GroupSort,
  GroupTerm,
  NumberBounds,
  NumberRange,
  RangeGroup,
  StepGroup,
  Summarize,
  Summary,
} from './query/summary.ts'
export { addressOf } from './query/terms.ts'
