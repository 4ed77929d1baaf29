import { expect, test } from 'vitest'
import { z } from 'zod'
import { createOutbox } from '../../src/outbox.ts'

const outbox = createOutbox({ Noted: z.object({ text: z.string() }) })
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
  ['a payload that its schema refuses', { ...noted, payload: { text: 1 } }, 'text'],
])('refuses %s before the transaction is asked', async (_, events, message) => {
  expect(await refusalOf(events)).toMatchObject({ code: 'EVENT_INVALID', message: expect.stringContaining(message) })
})

test('refuses a type that the registry lacks', async () => {
  expect(await refusalOf({ ...noted, type: 'Nothing' })).toMatchObject({ code: 'EVENT_UNKNOWN' })
})
