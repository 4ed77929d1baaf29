import { TrifoldError } from '../errors.ts'
import type { CatchUp, EventFed } from '../materializer.ts'
import { elapsed, type Observe } from '../observe.ts'
import type { EventRegistry } from '../outbox.ts'
import type { NextBuild } from '../rebuild.ts'
import type { Generation } from '../schema/generations.ts'
import { compareFed } from './compare-fed.ts'
import type { Findings } from './findings.ts'
import { recomputeKeys } from './repair.ts'

const mostExamples = 5

interface Watching {
  signal?: AbortSignal | undefined
  observe?: Observe | undefined
}

/**
 * Compares a generation that was built with its definition before it serves, while it catches up. What differs is
 * recomputed, and all of it compared again. It throws REBUILD_DIFFERS if rows differ again: then it must not serve; and as
 * {@link compareFed}.
 */
export const verifierOf =
  (materializer: EventFed, events: EventRegistry, watching: Watching): NonNullable<NextBuild['verify']> =>
  (generation, catchUp) =>
    verifyBuilt(materializer, events, { generation, catchUp }, watching)

async function verifyBuilt(
  materializer: EventFed,
  events: EventRegistry,
  { generation, catchUp }: { generation: Generation; catchUp: CatchUp },
  { signal, observe }: Watching,
): Promise<void> {
  const { target, number } = generation
  const began = performance.now()
  const { rows: expected = 0 } = await materializer.status()
  const compare = async (): Promise<Findings> => {
    const onProgress = (rows: number) =>
      observe?.({
        kind: 'rebuild.verifying',
        target,
        generation: number,
        rows,
        ...(expected > 0 && { total: expected }),
      })
    const outcome = await compareFed(materializer, events, expected, {
      built: { generation, catchUp: () => catchUp.nearly() },
      onProgress,
      signal,
    })
    return outcome.findings
  }
  let found = await compare()
  if (found.keys.size > 0) {
    await catchUp.close() // the repair takes its lease
    await recomputeKeys(materializer, found.keys, generation)
    observe?.({ kind: 'rebuild.repaired', target, generation: number, ...countsOf(found) })
    found = await compare()
  }
  if (found.keys.size > 0) throw differs(generation, found)
  observe?.({ kind: 'rebuild.verified', target, generation: number, rows: found.rows, ms: elapsed(began) })
}

const countsOf = ({ keys }: Findings): { differences: number; examples: string[] } => ({
  differences: keys.size,
  examples: [...keys.keys()].slice(0, mostExamples),
})

function differs({ target, number }: Generation, findings: Findings): TrifoldError {
  const [first] = findings.shown
  const columns = first?.columns.map(({ column }) => column).join(', ')
  return new TrifoldError(
    'REBUILD_DIFFERS',
    `rebuild: discarded generation ${number} of ${target}: ${findings.keys.size} of its rows still differ from the definition after a repair, ` +
      `first ${first?.key}${columns ? ` in ${columns}` : ''}; a handler writes other values than the definition: correct it and rebuild again, ` +
      `or serve it as it is with \`trifold rebuild ${target} --no-verify\``,
    { details: { target, generation: number, ...countsOf(findings) } },
  )
}
