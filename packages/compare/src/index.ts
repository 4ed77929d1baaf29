// Comparing the targets of a read model under the same load: what each gives, and what it costs.

export type { Comparison, GrowthComparison } from './comparison.ts'
export { compareGrowth, type GrowOptions } from './grow.ts'
export {
  defineWorkload,
  type GrowOptions as GrowWorkloadOptions,
  type OpenWorkload,
  type Workload,
} from './load/workload.ts'
export type { CompareProgress } from './progress.ts'
export { type CompareOptions, compare } from './run.ts'
