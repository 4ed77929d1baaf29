import { afterAll, beforeAll, expect, it } from 'vitest'
import { openClient } from '../../src/database.ts'
import { definitionRows } from '../../src/definition/rows.ts'
import { type Generation, servingGeneration } from '../../src/schema/generations.ts'
import { Ahead } from '../../src/verify/ahead.ts'
import { partsOfDefinition } from '../../src/verify/hashes.ts'
import { RowHashes } from '../../src/verify/row-hashes.ts'
import { rowText } from '../../src/verify/row-text.ts'
import { compareScanned, type Scannable } from '../../src/verify/scanned.ts'
import { TextHash } from '../../src/verify/text-hash.ts'
import { Random } from '../feed/random.ts'
import { ValueStand } from '../values/stand.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 1_000_000)

let stand: ValueStand
beforeAll(async () => {
  stand = await ValueStand.open(`
    create table t (
      id integer primary key, name text, yes boolean, at timestamptz, local timestamp, day date, price numeric, ratio float8,
      big bigint, labels text[], flags boolean[], times timestamptz[], extra jsonb, code uuid, bytes bytea, spare text, hour time, single real
    );
    insert into t values
      (1, 'plain', true, '2026-01-02 03:04:05.6Z', '2026-01-02 03:04:05', '2026-01-02', 10.10, 0.5, 9007199254740991,
        '{a,"b c",null,""}', '{t,f,null}', '{"2026-01-02 03:04:05.123456Z"}', '{"b": [1, "x"], "a": null}', gen_random_uuid(),
        '\\x00ff', null, '10:00:00.5', 0.1),
      (2, '', false, 'infinity', '-infinity', '0044-03-15 BC', -0.0, 1e300, -1, '{}', '{}', '{}', '[]', null, '', '', '24:00', '-0'),
      (3, e'a "quoted" \\\\ (line),\n\t\u00e9U0001F600', null, null, null, null, 1e20, -1.5, 0, null, null, null, '"text"', null,
        null, ' ', null, null)`)
})
afterAll(() => stand.close())

const hashOf = (...texts: string[]): string => {
  const hash = new TextHash()
  for (const text of texts) hash.add(text)
  return hash.toString()
}

it(`hashes a text as PostgreSQL does, of whatever length (TRIFOLD_TEST_SEED=${seed})`, async () => {
  const random = new Random(seed)
  const letters = [...'ab ,"\\é漢😀\u0001']
  const texts = Array.from({ length: 400 }, (_, length) =>
    Array.from(
      { length: length === 399 ? 5_000 : length },
      () => letters[Math.floor(random.next() * letters.length)],
    ).join(''),
  )
  const { rows } = await stand.pool.query(
    `select hashtextextended(text collate "C", 0) as hash
    from unnest($1::text[]) with ordinality as given (text, place)
    order by place`,
    [texts],
  )
  expect(texts.map((text) => hashOf(text))).toEqual(rows.map(({ hash }) => hash))
  const { rows: all } = await stand.pool.query(
    'select bit_xor(hashtextextended(text collate "C", 0)) as hash from unnest($1::text[]) as text',
    [texts],
  )
  expect(hashOf(...texts)).toBe(all[0].hash)
})

it('writes a row as PostgreSQL does', async () => {
  const { definition } = stand
  const rows = await definitionRows(stand.pool, definition)
  const { rows: texts } = await stand.pool.query('select row(t.*)::text as text from t order by id')
  expect([...rows.values()].map((row) => rowText(definition.columns, row))).toEqual(texts.map(({ text }) => text))
})

it('hashes documents as PostgreSQL does rows, of whatever types', async () => {
  const search = stand.toolkit.target('m@search')
  await stand.rebuild('search')
  const generation = (await servingGeneration(stand.pool, 'm@search')) as Generation
  const frozen = (await search.freeze?.(generation)) as Scannable
  const client = await openClient(stand.database.url, { name: 'test' })
  try {
    const { definition } = stand
    const scene = {
      definition,
      client,
      wanted: { definition },
      columns: definition.columns,
      ahead: new Ahead(definition),
    }
    const found = new RowHashes(definition.columns, definition.key, new Set())
    await frozen.scan(definition.columns, found)
    expect(found.parts()).toEqual(await partsOfDefinition(scene, definition.key))
    await stand.write('update t set spare = $1 where id = 2', ['another'])
    const compared = await compareScanned(scene, frozen)
    expect(compared).toMatchObject({ rows: 3, found: [{ difference: { key: '2', kind: 'different' } }] })
    expect(await compareScanned(scene, frozen, { most: 0 })).toBeUndefined()
  } finally {
    await client.end()
    await frozen.close()
  }
})
