import { expect } from 'vitest'
import { openClient } from '../../../src/database.ts'
import { definitionRows } from '../../../src/definition/rows.ts'
import { tick } from '../../../src/feed/tick.ts'
import type { Materializer } from '../../../src/materializer.ts'
import { allRows, inKeyOrder } from '../target-driver.ts'
import { until } from '../until.ts'

/**
 * Once nobody writes any more: waits until each target has applied all that was committed, then compares every row with
 * the definition.
 */
export async function expectAgreement(databaseUrl: string, targets: Iterable<Materializer>): Promise<void> {
  const materializers = [...targets]
  await whenApplied(
    databaseUrl,
    materializers.map(({ context }) => context.target),
  )
  for (const materializer of materializers) {
    const expected = await expectedRows(databaseUrl, materializer)
    await materializer.makeSearchable?.()
    expect({ [materializer.context.target]: await allRows(materializer) }).toEqual({
      [materializer.context.target]: expected,
    })
  }
}

/** Waits until the cursors of the targets have passed a window that is made now. */
export async function whenApplied(databaseUrl: string, targets: string[]): Promise<void> {
  const client = await openClient(databaseUrl, { name: 'agreement' })
  try {
    const { window } = await tick(client, { evenIfEmpty: true })
    const behind = async () => {
      const { rows } = await client.query(
        `select
          wanted.target,
          consumers.window_id,
          consumers.position,
          consumers.failure
        from unnest($1::text[]) as wanted (target)
        left join trifold.generations on generations.target = wanted.target and generations.state = 'serving'
        left join trifold.consumers on consumers.generation_id = generations.id
        where consumers.window_id is null
          or consumers.window_id < $2`,
        [targets, window.id],
      )
      return rows
    }
    await until('every target has applied everything', async () => (await behind()).length === 0).catch(
      async (error) => {
        throw new Error(`${error.message}: ${JSON.stringify(await behind())}, window ${window.id}`)
      },
    )
  } finally {
    await client.end()
  }
}

async function expectedRows(databaseUrl: string, { context }: Materializer) {
  const { definition } = context
  const client = await openClient(databaseUrl, { name: 'agreement' })
  try {
    const rows = await definitionRows(client, definition)
    return inKeyOrder(
      [...rows.values()],
      definition.key.map((column) => column.name),
    )
  } finally {
    await client.end()
  }
}
