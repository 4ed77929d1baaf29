import type pg from 'pg'
import { openClient } from '../src/database.ts'
import { columnList } from '../src/definition/rows.ts'
import { definitionSource } from '../src/definition.ts'
import { verify } from '../src/operator/verify.ts'
import type { Toolkit } from '../src/toolkit.ts'
import type { Bench } from './bench.ts'
import { withBuiltOrders } from './built-orders.ts'
import { type Figure, figureOf } from './figure.ts'

const bench = 'verify'

/** A whole verify of a table and of an index, each against one pass over the definition that reads every value. */
export const verifying: Bench = {
  name: bench,
  search: true,
  title: 'Verify of a table and an index against one pass over the definition',
  run: (context) =>
    withBuiltOrders(context, 'bench_verify', { table: {} }, async (toolkit) => {
      const { options, searchUrl, log } = context
      const figures = [await inTurn(toolkit, 'table', 3, options.rounds, log)]
      if (searchUrl) figures.push(await inTurn(toolkit, 'search', 5, options.rounds, log))
      return figures
    }),
}

/** A pass follows each verify. The first of both are not counted. */
async function inTurn(
  toolkit: Toolkit,
  kind: 'table' | 'search',
  atMost: number,
  rounds: number,
  log: (line: string) => void,
): Promise<Figure> {
  const target = `order_summary@${kind}`
  const client = await openClient(toolkit.config.database, { name: 'pass' })
  const [verified, passes]: [number[], number[]] = [[], []]
  try {
    for (let round = 0; round <= Math.max(2, rounds); round++) {
      const milliseconds = await verifyOnce(toolkit, target)
      const pass = await onePass(client, toolkit, target)
      log(`${target}: ${Math.round(milliseconds)} ms verified, ${Math.round(pass)} ms for one pass over the definition`)
      if (round === 0) continue
      verified.push(milliseconds)
      passes.push(pass)
    }
  } finally {
    await client.end()
  }
  const control = { name: 'one pass over the definition', rounds: passes }
  return figureOf({ bench, name: target, unit: 'ms', rounds: verified, control, goal: { of: 'ratio', atMost } })
}

async function verifyOnce(toolkit: Toolkit, target: string): Promise<number> {
  const began = performance.now()
  const [found] = await verify(toolkit, target)
  if (!found || found.examples.length > 0) throw new Error(`${target} differs: ${JSON.stringify(found)}`)
  return performance.now() - began
}

/** Every value as text, as a target's rows are made of; nothing leaves the server. */
async function onePass(client: pg.Client, toolkit: Toolkit, target: string): Promise<number> {
  const { definition } = toolkit.target(target).context
  const began = performance.now()
  await client.query(
    `select sum(length((source.*)::text))
    from (select ${columnList(definition)} from ${definitionSource(definition)} as definition) as source`,
  )
  return performance.now() - began
}
