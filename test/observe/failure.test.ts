import { describe, expect, it } from 'vitest'
import { TrifoldError } from '../../src/errors.ts'
import { failureOf } from '../../src/observe.ts'

describe('what an observation tells of an error', () => {
  it('is code, message, details and the message of its cause', () => {
    const cause = new Error('thirteen')
    const error = new TrifoldError('HANDLER_FAILED', 'consumer: it failed', { cause, details: { position: 7 } })
    expect(failureOf(error)).toEqual({
      code: 'HANDLER_FAILED',
      message: 'consumer: it failed',
      details: { position: 7 },
      cause: 'thirteen',
    })
  })

  it('has the code of what a database refuses', () => {
    const error = Object.assign(new Error('terminating connection'), { code: '57P01' })
    expect(failureOf(error)).toEqual({
      code: 'DATABASE_UNREACHABLE',
      message: 'database: terminating connection; the connection broke; check that PostgreSQL runs and try again',
      details: { sqlState: '57P01' },
    })
  })

  it("has that code of the driver's own error of a broken connection, which has none", () => {
    expect(failureOf(new Error('Connection terminated unexpectedly'))).toEqual({
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringMatching(/^database: Connection terminated unexpectedly; the connection broke/),
      details: { sqlState: '08006' },
    })
  })

  it('has the messages of the parts where the whole has none', () => {
    const parts = [new Error('connect ECONNREFUSED ::1:1'), new Error('connect ECONNREFUSED 127.0.0.1:1')]
    expect(failureOf(Object.assign(new AggregateError(parts), { code: 'ECONNREFUSED' }))).toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringContaining('connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1'),
    })
  })

  it('has the stack of an error that nobody foresaw, and survives JSON', () => {
    const failure = failureOf(new RangeError('too far'))
    expect(failure).toMatchObject({
      code: 'UNEXPECTED',
      message: 'too far',
      stack: expect.stringContaining('RangeError'),
    })
    expect(JSON.parse(JSON.stringify(failure))).toEqual(failure)
    expect(failureOf('a string')).toEqual({ code: 'UNEXPECTED', message: 'a string', details: {} })
  })
})
