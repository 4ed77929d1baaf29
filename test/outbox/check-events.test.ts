import { expect, test } from 'vitest'
import { z } from 'zod'
import { createOutbox } from '../../src/outbox.ts'

const outbox = createOutbox({
  Noted: z.object({ text: z.string() }),
  Dated: z.object({ at: z.date() }),
  Coerced: z.object({ at: z.coerce.date() }),
  Free: z.any(),
})
const free = (payload: unknown) => ({ type: 'Free', aggregate: 'note:1', payload })
const noted = { type: 'Noted', aggregate: 'note:1', payload: { text: 'a' } }
const id = '0191f3c4-5a7e-7cc0-9d1e-3f0f5d2a9b10'

/** What `append` says of events that no transaction must see: a query would fail the test. */
const refusalOf = (events: unknown): Promise<Error> =>
  outbox.append({ query: () => Promise.reject(new Error('the transaction was asked')) }, events as never).then(
    () => new Error('it was accepted'),
    (error) => error,
  )

test.each([
  ['a text', 'Noted', '"Noted" is not an event'],
  ['nothing', [null], 'null is not an event'],
  ['an unknown member', { ...noted, agregate: 'note:2' }, 'unknown member "agregate"'],
  ['no aggregate', { ...noted, aggregate: undefined }, 'aggregate undefined is not a text'],
  ['an empty aggregate', { ...noted, aggregate: '' }, 'aggregate "" is not a text'],
  ['a NUL in the aggregate', { ...noted, aggregate: 'note:\0' }, 'is not a text'],
  ['an id that is no UUID', { ...noted, id: '17' }, 'id "17" is not a UUID'],
  ['an id with a line end', { ...noted, id: `${id}\n` }, 'is not a UUID'],
  ['an id that is null', { ...noted, id: null }, 'id null is not a UUID'],
  [
    'one id twice',
    [
      { ...noted, id },
      { ...noted, id: id.toUpperCase() },
    ],
    'another event of the same append',
  ],
  ['a trace of two lines', { ...noted, trace: 'a\nb' }, 'is not 1 to 512 printable ASCII characters'],
  ['a trace that is too long', { ...noted, trace: 'x'.repeat(513) }, 'is not 1 to 512 printable'],
  ['half a character in the aggregate', { ...noted, aggregate: 'note:\ud83d' }, 'is not a text'],
  [
    'half a character in a payload',
    { ...noted, payload: { text: 'a\ud83d' } },
    'text: it is not text of whole characters',
  ],
  ['half a character in a key', free({ '\ud83d': 1 }), 'it has a key that is not text of whole characters'],
  [
    'a zero character in a payload',
    { ...noted, payload: { text: 'a\0' } },
    'text: it is not text that PostgreSQL can store',
  ],
  [
    'a date that is text once it is stored',
    { ...noted, type: 'Dated', payload: { at: new Date(0) } },
    'z.coerce.date()',
  ],
  ['an invalid date', free({ at: new Date(Number.NaN) }), 'at: it is an invalid date'],
  ['NaN', free({ a: [1, Number.NaN] }), 'a.1: NaN is not a finite number'],
  ['a bigint', free({ a: 1n }), 'a: JSON has no bigint'],
  ['a Map', free(new Map([['a', 1]])), '(payload): JSON has no Map'],
  ['a hole in a list', free({ list: [1, undefined] }), 'list.1: JSON has no undefined'],
  ['no payload', free(undefined), 'JSON has no undefined'],
  ['a payload that its schema refuses', { ...noted, payload: { text: 1 } }, 'text'],
])('refuses %s before the transaction is asked', async (_, events, message) => {
  expect(await refusalOf(events)).toMatchObject({ code: 'EVENT_INVALID', message: expect.stringContaining(message) })
})

test('refuses a type that the registry lacks', async () => {
  expect(await refusalOf({ ...noted, type: 'Nothing' })).toMatchObject({ code: 'EVENT_UNKNOWN' })
})

test('takes what comes back from JSON as the schema has it', async () => {
  const given = [
    { type: 'Coerced', aggregate: 'note:1', payload: { at: new Date(0) } },
    free({ a: undefined, b: null, c: [{ d: '😀' }], e: Object.create(null) }),
  ]
  expect(await refusalOf(given)).toMatchObject({ message: 'the transaction was asked' })
})
