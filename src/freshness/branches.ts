import type { BranchReason } from '../schema/history.ts'

/** What may have happened to a database, after its name. */
export const branches: { readonly [Reason in BranchReason]: string } = {
  timeline: 'was promoted, or recovered to a point in time',
  cluster: 'was moved or restored to another cluster',
  database: 'was copied, or restored from a dump',
}
