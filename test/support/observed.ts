import { describeObservation, type Observation, type ObservationKind, type Observe } from 'trifold'
import { until } from './until.ts'

/** Everything that a worker has said so far. */
export class Observed {
  private readonly all: Observation[] = []

  /** For `startWorker`. */
  readonly observe: Observe = (observation) => {
    this.all.push(observation)
  }

  /** The observations of these kinds, in order. */
  of<Kind extends ObservationKind>(...kinds: Kind[]): Observation<Kind>[] {
    const found: Observation[] = this.all.filter(({ kind }) => (kinds as ObservationKind[]).includes(kind))
    return found as unknown as Observation<Kind>[]
  }

  /** Waits until there are `count` observations of a kind. */
  async when<Kind extends ObservationKind>(kind: Kind, count = 1): Promise<Observation<Kind>[]> {
    await until(`${count} of ${kind}`, () => this.of(kind).length >= count).catch((error) => {
      throw new Error(`${error.message}; instead:\n${this.text()}`)
    })
    return this.of(kind)
  }

  forget(): void {
    this.all.length = 0
  }

  /** For the message of a test that fails: a line each, without the pages. */
  text(): string {
    return this.all
      .filter(({ kind }) => kind !== 'page.applied')
      .map(describeObservation)
      .join('\n')
  }
}
