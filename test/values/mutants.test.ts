// Ways to keep values in an index that give other values or other answers, each caught by what the tests beside this one
// compare.

import { afterEach, expect, test } from 'vitest'
import type { Encoding } from '../../src/encoding.ts'
import { describeWithSearch } from '../support/search.ts'
import { ValueStand } from './stand.ts'

type Mutant = [what: string, type: string, values: string[], change: (encoding: Encoding) => Encoding]

const withoutExact = ({ exact: _, ...encoding }: Encoding): Encoding => encoding

const mutants: Mutant[] = [
  [
    'jsonb that passes through JavaScript',
    'jsonb',
    ['{"p": 10.10}'],
    (encoding) => ({ ...encoding, decode: (text) => JSON.stringify(JSON.parse(text)) }),
  ],
  ['numbers compared as doubles', 'numeric', ['900000000000000001', '900000000000000002'], withoutExact],
  ['times compared as nanoseconds since 1970', 'timestamptz', ['1969-12-31+00', '9999-12-31+00'], withoutExact],
  [
    'text that is too long for a keyword left out',
    'text',
    ['x'.repeat(9_000), 'short'],
    ({ term: _, ...encoding }) => ({ ...encoding, mapping: { type: 'keyword', ignore_above: 8191 } }),
  ],
  [
    'minus zero beside zero',
    'double precision',
    ['-0', '0'],
    (encoding) => ({ ...encoding, term: (value) => (Object.is(value, -0) ? '-0' : value) }),
  ],
  [
    'zeros cut from a numeric',
    'numeric',
    ['10.10'],
    (encoding) => ({ ...encoding, decode: (text) => text.replace(/0+$/, '') }),
  ],
]

describeWithSearch('The comparison of values catches', () => {
  let stand: ValueStand | undefined

  afterEach(() => stand?.close())

  const findings = async (one: ValueStand, values: unknown[]): Promise<unknown[]> => {
    const answers = async (target: 'table' | 'search') => {
      const found = []
      for (const value of values) {
        const rows = one.find(target, { where: { value } }).then((page) => page.rows.length)
        found.push(await rows.catch((error) => error.code))
      }
      return [found, (await one.toolkit.target(`m@${target}`).summarize({ group: 'value' } as never)).groups]
    }
    const isJson = one.definition.columns[1]?.encoding.pgType === 'jsonb'
    const stored = [await one.defined(), await one.stored('search')].map((texts) => [...texts.values()])
    return isJson
      ? stored
      : [
          [stored[0], await answers('table')],
          [stored[1], await answers('search')],
        ]
  }

  test.each(mutants)('%s', async (_, type, values, change) => {
    for (const isMutant of [false, true]) {
      stand = await ValueStand.open(
        `create table t (id integer generated always as identity primary key, value ${type})`,
      )
      await stand.write(`insert into t (value) select text::${type} from unnest($1::text[]) as _ (text)`, [values])
      await stand.rebuild('table')
      const { rows } = await stand.find('table')
      const column = stand.toolkit.target('m@search').context.definition.columns[1]!
      const known = column.encoding
      if (isMutant) column.encoding = change(known)
      await stand.rebuild('search')
      const [wanted, found] = await findings(
        stand,
        rows.map(({ value }) => value),
      )
      column.encoding = known
      if (isMutant) expect(found).not.toEqual(wanted)
      else expect(found).toEqual(wanted)
      await stand.close()
      stand = undefined
    }
  })
})
