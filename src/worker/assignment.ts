import type { KnownWorker } from '../schema/workers.ts'

/**
 * Which worker is to keep which target: as evenly as the targets that each can keep allow, and with as few moves as that
 * takes. A target goes to workers with the newest handlers only. All workers compute the same from the same facts.
 *
 * The moves follow paths that lower the largest difference in load, which ends at an optimal semi-matching (Harvey, Ladner,
 * Lovász, Tamir: Semi-matchings for bipartite graphs and load balancing, 2006). What is kept where it is, and moved one at a
 * time, is the idea of Kafka's cooperative sticky assignor.
 *
 * @param owners who keeps each target now
 * @returns by target; one that no worker can keep is not in it
 */
export function assign(
  workers: readonly KnownWorker[],
  owners: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const sorted = [...workers].sort((one, other) => (one.id < other.id ? -1 : 1))
  const able = candidatesOf(sorted)
  const assignment = new Assignment(sorted.map(({ id }) => id))
  const unowned: string[] = []
  for (const [target, candidates] of able) {
    const owner = owners.get(target)
    if (owner !== undefined && candidates.includes(owner)) assignment.give(target, owner)
    else unowned.push(target)
  }
  for (const target of unowned) assignment.give(target, assignment.leastLoaded(able.get(target) as string[]))
  while (moveAlongPath(assignment, able)) {}
  return assignment.byTarget
}

/** The workers with the newest handlers of each target, by target, in order. */
function candidatesOf(workers: readonly KnownWorker[]): Map<string, string[]> {
  const newest = new Map<string, { version: number; ids: string[] }>()
  for (const { id, targets } of workers) {
    for (const [target, version] of targets) {
      const known = newest.get(target)
      if (!known || version > known.version) newest.set(target, { version, ids: [id] })
      else if (version === known.version) known.ids.push(id)
    }
  }
  return new Map([...newest].sort(([one], [other]) => (one < other ? -1 : 1)).map(([target, { ids }]) => [target, ids]))
}

class Assignment {
  readonly byTarget = new Map<string, string>()
  private readonly targets: Map<string, Set<string>>

  constructor(workers: readonly string[]) {
    this.targets = new Map(workers.map((id) => [id, new Set()]))
  }

  give(target: string, worker: string): void {
    const before = this.byTarget.get(target)
    if (before !== undefined) this.targets.get(before)?.delete(target)
    this.byTarget.set(target, worker)
    this.targets.get(worker)?.add(target)
  }

  targetsOf(worker: string): ReadonlySet<string> {
    return this.targets.get(worker) as Set<string>
  }

  load(worker: string): number {
    return this.targetsOf(worker).size
  }

  leastLoaded(workers: readonly string[]): string {
    return workers.reduce((least, one) => (this.load(one) < this.load(least) ? one : least))
  }

  /** All workers, those with most targets first. */
  get byLoad(): string[] {
    return [...this.targets.keys()].sort((one, other) => this.load(other) - this.load(one))
  }
}

/** A step of a path: the worker gets the target from the worker before it. */
interface Step {
  worker: string
  target: string
  before: Step | undefined
}

/** Moves one target along each step of a path to a worker with at least two targets less. @returns whether there was one */
function moveAlongPath(assignment: Assignment, able: ReadonlyMap<string, readonly string[]>): boolean {
  for (const first of assignment.byLoad) {
    const end = pathFrom(first, assignment, able)
    if (!end) continue
    for (let step: Step | undefined = end; step; step = step.before) assignment.give(step.target, step.worker)
    return true
  }
  return false
}

/** A shortest path to the worker with the fewest targets that can be reached. */
function pathFrom(
  first: string,
  assignment: Assignment,
  able: ReadonlyMap<string, readonly string[]>,
): Step | undefined {
  let fewest = assignment.load(first) - 1
  let end: Step | undefined
  const seen = new Set([first])
  const queue: { worker: string; step: Step | undefined }[] = [{ worker: first, step: undefined }]
  for (const { worker, step: before } of queue) {
    for (const target of [...assignment.targetsOf(worker)].sort()) {
      for (const next of able.get(target) as readonly string[]) {
        if (seen.has(next)) continue
        seen.add(next)
        const step = { worker: next, target, before }
        if (assignment.load(next) < fewest) {
          fewest = assignment.load(next)
          end = step
        }
        queue.push({ worker: next, step })
      }
    }
  }
  return end
}
