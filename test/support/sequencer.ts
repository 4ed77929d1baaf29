import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The files that take a minute and more, the slowest first; they are small, and Vitest begins with the largest. */
const slowest = [
  'worker/kill',
  'verify/load',
  'chaos/chaos.long',
  'worker/freeze',
  'worker/parked',
  'cli/worker-ended',
  'compare/ways.long',
  'targets/shop-read-models.long',
  'examples/shop/web/browser.long',
  'testing/mutants.long',
  'export/load.long',
  'project/package',
  'cli/demo',
  'cli/worker',
].map((name) => fileURLToPath(new URL(`../${name}.test.ts`, import.meta.url)))

/** Begins with the slowest files, so that none of them goes on alone at the end while the other workers wait. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    for (const file of slowest) if (!existsSync(file)) throw new Error(`test/support/sequencer.ts: there is no ${file}`)
    const isSlow = ({ moduleId }: TestSpecification) => slowest.includes(moduleId)
    const bySlowness = (one: TestSpecification, other: TestSpecification) =>
      slowest.indexOf(one.moduleId) - slowest.indexOf(other.moduleId)
    const others = (await super.sort(files)).filter((file) => !isSlow(file))
    return [...files.filter(isSlow).sort(bySlowness), ...others]
  }
}
