// The table `trifold.generations`: one row for each physical build of a target.
export {
  type Completed,
  completeBuild,
  insertGeneration,
  lastBuild,
  type NewGeneration,
  nextNumber,
  rebuildUnderWay,
  recordBuildFailure,
} from './generations/building.ts'
export type { BuildSettings, Generation } from './generations/generation.ts'
export { type BuildUnderWay, buildsUnderWay } from './generations/progress.ts'
export {
  beginRanges,
  copiedRows,
  holdBuild,
  interruptedBuild,
  isBuilder,
  type RangeStart,
  takeBuild,
} from './generations/range-build.ts'
export { ageOf, lastRefreshed, recordRowCount, recordSnapshot } from './generations/refreshed.ts'
export { readRelation } from './generations/relation.ts'
export type {
  CatalogFunction,
  CatalogRelation,
  PlanDependent,
  Resolution,
  ResolvedRelation,
} from './generations/resolution.ts'
export {
  lockIfServing,
  lockServing,
  lockServingStorage,
  markServing,
  retireServing,
  servingEpoch,
  servingGeneration,
  servingPlace,
} from './generations/serving.ts'
export {
  deleteGenerations,
  keptGenerations,
  markDropped,
  recordStorage,
  standingGenerations,
  storagesOf,
  storedTargets,
  targetsOfStorages,
  unservedGenerations,
} from './generations/storages.ts'
export {
  coldReason,
  coolGeneration,
  isBehind,
  isWarm,
  keepWarm,
  replacedGeneration,
  type WarmGeneration,
  warmGeneration,
} from './generations/warm.ts'
