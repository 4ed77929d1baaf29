// Comparing the targets of a read model under the same load: what each gives, and what it costs.

export type { Comparison, GrowthComparison } from './compare/comparison.ts'
export { compareGrowth, type GrowOptions } from './compare/grow.ts'
export {
  defineWorkload,
  type GrowOptions as GrowWorkloadOptions,
  type OpenWorkload,
  type Workload,
} from './compare/load/workload.ts'
export type { CompareProgress } from './compare/progress.ts'
export { type CompareOptions, compare } from './compare/run.ts'
