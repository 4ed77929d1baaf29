import { afterAll, beforeAll, expect, it } from 'vitest'
import { definitionRows } from '../../src/definition/rows.ts'
import { rowText } from '../../src/verify/row-text.ts'
import { TextHash } from '../../src/verify/text-hash.ts'
import { Random } from '../feed/random.ts'
import { ValueStand } from '../values/stand.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 1_000_000)

let stand: ValueStand
beforeAll(async () => {
  stand = await ValueStand.open(`
    create table t (
      id integer primary key, name text, yes boolean, at timestamptz, local timestamp, day date, price numeric, ratio float8,
      big bigint, labels text[], flags boolean[], times timestamptz[], extra jsonb, code uuid, bytes bytea, spare text
    );
    insert into t values
      (1, 'plain', true, '2026-01-02 03:04:05.6Z', '2026-01-02 03:04:05', '2026-01-02', 10.10, 0.5, 9007199254740991,
        '{a,"b c",null,""}', '{t,f,null}', '{"2026-01-02 03:04:05.123456Z"}', '{"b": [1, "x"], "a": null}', gen_random_uuid(),
        '\\x00ff', null),
      (2, '', false, 'infinity', '-infinity', '0044-03-15 BC', -0.0, 1e300, -1, '{}', '{}', '{}', '[]', null, '', ''),
      (3, e'a "quoted" \\\\ (line),\n\t\u00e9U0001F600', null, null, null, null, 1e20, -1.5, 0, null, null, null, '"text"', null,
        null, ' ')`)
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
