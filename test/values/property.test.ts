import fc from 'fast-check'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Column } from '../../src/definition.ts'
import type { Value } from '../../src/encoding.ts'
import { fewOrMany } from '../support/long.ts'
import { describeWithSearch } from '../support/search.ts'
import { createColumns } from './edges.ts'
import { randomColumns } from './random-values.ts'
import { type TargetName, ValueStand } from './stand.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)
const count = fewOrMany(300, 3_000)

const places = randomColumns.map((_, place) => place)
/** The column that only the definition can give. */
const exactPlace = randomColumns.length - 1
const writable = places.filter((place) => place !== exactPlace)

type Texts = (string | null)[]

const rowArbitrary: fc.Arbitrary<Texts> = fc.tuple(...randomColumns.map(([, values]) => fc.option(values, { freq: 6 })))

const changeArbitrary = fc.record({
  kind: fc.constantFrom('set', 'patch', 'fold', 'recompute', 'remove'),
  row: rowArbitrary,
  columns: fc.uniqueArray(fc.constantFrom(...writable), { minLength: 1, maxLength: 8 }),
})

type Change = typeof changeArbitrary extends fc.Arbitrary<infer T> ? T : never

describeWithSearch(`Random rows of every type (seed ${seed})`, () => {
  let stand: ValueStand
  let client: pg.PoolClient

  beforeAll(async () => {
    process.stderr.write(`test/values/property: TRIFOLD_TEST_SEED=${seed}\n`)
    stand = await ValueStand.open(createColumns(randomColumns.map(([type]) => type)))
    client = await stand.pool.connect()
  })

  afterAll(async () => {
    client?.release()
    await stand?.close()
  })

  const typed = (place: number, parameter: number) => `$${parameter}::text::${randomColumns[place]![0]}`

  const insert = (id: number, row: Texts) =>
    client.query(
      `insert into t (id, ${places.map((place) => `c${place}`).join(', ')})
      values ($1, ${places.map((place) => typed(place, place + 2)).join(', ')})`,
      [id, ...row],
    )

  const update = (id: number, row: Texts, changed: number[]) =>
    client.query(
      `update t set n = n + 1, ${changed.map((place, at) => `c${place} = ${typed(place, at + 2)}`).join(', ')}
      where id = $1`,
      [id, ...changed.map((place) => row[place])],
    )

  /** What a handler would write for some columns of the row as it is now. */
  const written = async (id: number, columns: readonly Column[]): Promise<Record<string, Value>> => {
    const list = columns.map(({ name, encoding }) => `"${name}"::${encoding.pgType}::text as "${name}"`).join(', ')
    const { rows } = await client.query(`select ${list} from t where id = $1`, [id])
    return Object.fromEntries(
      columns.map(({ name, encoding }) => {
        const text = rows[0][name] as string | null
        return [name, text === null ? null : handed(encoding.decode(text), encoding.read)]
      }),
    )
  }

  /** JSON has no minus zero: a handler gets it as text. */
  const handed = (value: Value, read: ((value: Value) => Value) | undefined): Value => {
    if (read) return read(value)
    if (Array.isArray(value)) return value.map((item) => handed(item, undefined)) as Value
    return Object.is(value, -0) ? '-0' : value
  }

  const columnsAt = (chosen: readonly number[]) =>
    stand.definition.columns.filter(({ name }) => name === 'n' || chosen.some((place) => name === `c${place}`))

  const apply = async (id: number, { kind, row, columns }: Change): Promise<object> => {
    const event = (type: string, payload: object) => ({ type, aggregate: 't', payload })
    if (kind === 'remove') {
      await client.query('delete from t where id = $1', [id])
      return event('Removed', { key: [id] })
    }
    if (kind === 'set') {
      await client.query('delete from t where id = $1', [id])
      await insert(id, row.with(exactPlace, null))
      return event('Set', { row: { id, ...(await written(id, columnsAt(writable))) } })
    }
    if (kind === 'recompute') {
      await update(id, row, places)
      return event('Recomputed', { key: [id] })
    }
    await update(id, row, columns)
    const changed = await written(id, columnsAt(columns))
    return event(kind === 'patch' ? 'Patched' : 'Folded', { key: [id], columns: changed })
  }

  const expectExact = async (targets: readonly TargetName[]) => {
    const defined = await stand.defined()
    expect(defined.size).toBeGreaterThan(count / 4)
    for (const target of targets) {
      const stored = await stand.stored(target)
      const wrong = [...defined].flatMap(([id, row]) => differing(id, row, stored.get(id)))
      expect({ target, wrong: wrong.slice(0, 3) }).toEqual({ target, wrong: [] })
      expect(stored.size).toBe(defined.size)
    }
  }

  test(
    'are exact in every target after a rebuild, and after events of every kind',
    async () => {
      const rows = fc.sample(rowArbitrary, { seed, numRuns: count })
      await client.query('begin')
      for (const [id, row] of rows.entries()) await insert(id, row)
      await client.query('commit')
      await stand.rebuild('table', 'view', 'search')
      await expectExact(['table', 'view', 'search'])

      const changes = fc.sample(changeArbitrary, { seed: seed + 1, numRuns: count })
      const gone = new Set<number>()
      for (const [at, change] of changes.entries()) {
        const id = (at * 7) % count
        const kind = gone.has(id) ? 'set' : change.kind
        kind === 'remove' ? gone.add(id) : gone.delete(id)
        await client.query('begin')
        const event = await apply(id, { ...change, kind })
        await stand.toolkit.append(client, event as never)
        await client.query('commit')
      }
      await stand.catchUp('table', 'search')
      await expectExact(['table', 'search'])
      await stand.rebuild('view')
      await expectExact(['view'])
    },
    fewOrMany(120_000, 1_200_000),
  )
})

function differing(
  id: string,
  row: Record<string, string | null>,
  stored: Record<string, string | null> = {},
): object[] {
  const names = Object.keys(row).filter((name) => row[name] !== stored[name])
  return names.map((name) => ({ id, name, defined: row[name], stored: stored[name] }))
}
