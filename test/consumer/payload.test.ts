import { expect, it } from 'vitest'
import { z } from 'zod'
import { payloadOf } from '../../src/consumer/payload.ts'

const row = { ordinal: 1, position: 1, xid: 1, payload: '{"lines":[{"count":1}],"at":"2026-01-01"}' }
const registry = {
  Placed: z.object({ lines: z.array(z.object({ count: z.int() })), at: z.string() }),
  Dated: z.object({ at: z.coerce.date() }),
}

it('is read once for all that share the event, and nobody can change what the next one gets', () => {
  const event = { ...row, type: 'Placed', shared: {} }
  const payload = payloadOf(registry, event) as { lines: { count: number }[] }
  expect(payloadOf(registry, event)).toBe(payload)
  expect(() => payload.lines.push({ count: 2 })).toThrow(TypeError)
  expect(() => Object.assign(payload.lines[0] as object, { count: 2 })).toThrow(TypeError)
})

it('is read again by another registry, by a reader that is alone, and if its schema makes what freezing does not hold', () => {
  const event = { ...row, type: 'Placed', shared: {} }
  expect(payloadOf({ ...registry }, event)).not.toBe(payloadOf(registry, event))
  const alone = { ...row, type: 'Placed' }
  expect(payloadOf(registry, alone)).not.toBe(payloadOf(registry, alone))
  const dated = { ...row, type: 'Dated', shared: {} }
  expect(payloadOf(registry, dated)).not.toBe(payloadOf(registry, dated))
})
