import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Executor } from '../../../src/executor.ts'
import { inbox } from '../../../src/inbox.ts'
import { createOutbox } from '../../../src/outbox.ts'
import type { TestDatabase } from '../../support/database.ts'
import { waitForLockWaiters } from '../../support/lock-waiters.ts'

/** How one driver or ORM runs a piece of work in a transaction, and in a savepoint of it. */
export interface Transactions {
  /** Commits what `work` did, or rolls it back where it throws. */
  transaction<T>(work: (executor: Executor, nested: Nested) => Promise<T>): Promise<T>
}

/** Runs `work` in a savepoint of the transaction; where it throws, only that part is rolled back. */
export type Nested = <T>(work: (executor: Executor) => Promise<T>) => Promise<T>

const outbox = createOutbox({ Noted: z.object({ text: z.string() }) })
const noted = (text: string) => [{ type: 'Noted' as const, aggregate: 'note:1', payload: { text } }]

const difficult = [
  `what? ?? \\? \\\\? '?' "?"`,
  `$1 $2 $$ $x$ $1::json`,
  `it's a "quote", a \\ backslash, a\nnew line and a\ttab`,
  'emoji 💡, 灯, ü, e\u0301, \u2028',
  `'; drop table trifold.outbox; --`,
  '',
]

/** What every executor promises, stated once: each adapter's test calls this with its own transactions. */
export function executorConformance(database: () => TestDatabase, transactions: () => Transactions): void {
  const texts = async () => {
    const { rows } = await database().pool.query(
      `select payload ->> 'text' as text, xid::text, era::text, to_hex(history.nonce) as nonce
      from trifold.outbox
      join trifold.history using (era)
      order by position`,
    )
    return rows as { text: string; xid: string; era: string; nonce: string }[]
  }
  const added = async (work: () => Promise<unknown>) => {
    const before = (await texts()).length
    await work()
    return (await texts()).slice(before)
  }

  describe('as an executor', () => {
    test.each(difficult)('carries the text %j through an event as it is', async (text) => {
      const events = await added(() => transactions().transaction((executor) => outbox.append(executor, noted(text))))
      expect(events.map((event) => event.text)).toEqual([text])
    })

    test('carries a megabyte in one event', async () => {
      const text = difficult.join(' ').repeat(10_000)
      const events = await added(() => transactions().transaction((executor) => outbox.append(executor, noted(text))))
      expect(events.map((event) => event.text === text)).toEqual([true])
    })

    test('keeps the order of the events of one append', async () => {
      const many = Array.from({ length: 500 }, (_, index) => `no. ${index}`)
      const append = (executor: Executor) => outbox.append(executor, many.flatMap(noted))
      const events = await added(() => transactions().transaction(append))
      expect(events.map((event) => event.text)).toEqual(many)
    })

    test('binds parameters by their number, wherever and however often they stand', async () => {
      const rows = await transactions().transaction(async (executor) => {
        const text = `select $2::text as b, $1::text as a, $2::text as again, '$1 ?' as "kept?", '{"x":1}'::jsonb ?$1 as found`
        return (await executor.query(text, ['x', 'it?']))?.rows
      })
      expect(rows).toEqual([{ b: 'it?', a: 'x', again: 'it?', 'kept?': '$1 ?', found: true }])
    })

    test('binds numbers, booleans and null', async () => {
      const rows = await transactions().transaction(async (executor) => {
        const text = 'select $1::int as number, $2::boolean as truth, $3::text as nothing'
        return (await executor.query(text, [-7, true, null])).rows
      })
      expect(rows).toEqual([{ number: -7, truth: true, nothing: null }])
    })

    test('leaves a statement without parameters as it is', async () => {
      const rows = await transactions().transaction(async (executor) => {
        return (await executor.query(`select 'a ? b \\? $1' as text, '{"x":1}'::jsonb ? 'x' as found`)).rows
      })
      expect(rows).toEqual([{ text: 'a ? b \\? $1', found: true }])
    })

    test('keeps the events invisible until the commit', async () => {
      await transactions().transaction(async (executor) => {
        const events = await added(() => outbox.append(executor, noted('not yet')))
        expect(events).toEqual([])
      })
      expect((await texts()).at(-1)?.text).toBe('not yet')
    })

    test('rolls the events back with the transaction', async () => {
      const work = () =>
        transactions().transaction(async (executor) => {
          await outbox.append(executor, noted('never'))
          throw new Error('changed my mind')
        })
      const events = await added(() => expect(work()).rejects.toThrow('changed my mind'))
      expect(events).toEqual([])
    })

    test('returns the token of the transaction, for one event and for several', async () => {
      const tokens: string[] = []
      const events = await added(() =>
        transactions().transaction(async (executor) => {
          tokens.push(await outbox.append(executor, noted('one')[0]!))
          tokens.push(await outbox.append(executor, ['two', 'three'].flatMap(noted)))
          tokens.push(await outbox.token(executor))
        }),
      )
      expect(events.map(({ text }) => text)).toEqual(['one', 'two', 'three'])
      expect(new Set([...tokens, ...events.map(({ era, nonce, xid }) => `${era}-${nonce}.${xid}`)]).size).toBe(1)
    })

    test('keeps the id and the trace of an event', async () => {
      const id = '0191f3c4-5a7e-7cc0-9d1e-3f0f5d2a9b10'
      const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      const [event] = noted('told')
      const rows = await transactions().transaction(async (executor) => {
        await outbox.append(executor, [{ ...event!, id, trace }, event!])
        const text =
          'select id::text as id, trace from trifold.outbox where xid = pg_current_xact_id() order by position'
        return (await executor.query(text)).rows
      })
      const generated = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(rows).toEqual([
        { id, trace },
        { id: generated, trace: null },
      ])
    })

    test('gives a token without a transaction id if nothing was written', async () => {
      const tokens = await transactions().transaction(async (executor) => [
        await outbox.token(executor),
        await outbox.append(executor, []),
      ])
      expect(tokens).toEqual([expect.stringMatching(/^\d+-[0-9a-f]+$/), tokens[0]])
    })

    test('rolls back only the savepoint in which it failed', async () => {
      const events = await added(() =>
        transactions().transaction(async (executor, nested) => {
          await outbox.append(executor, noted('before'))
          const inner = nested(async (savepoint) => {
            await outbox.append(savepoint, noted('inside'))
            throw new Error('inner failure')
          })
          await inner.catch(() => {})
          await outbox.append(executor, noted('after'))
        }),
      )
      expect(events.map((event) => event.text)).toEqual(['before', 'after'])
    })

    test('keeps the events of a savepoint that was released, until the transaction is rolled back', async () => {
      const write = (fails: boolean) =>
        transactions().transaction(async (executor, nested) => {
          await outbox.append(executor, noted('before'))
          await nested((savepoint) => outbox.append(savepoint, noted('inside')))
          await outbox.append(executor, noted('after'))
          if (fails) throw new Error('changed my mind')
        })
      const events = await added(() => write(false))
      expect(events.map((event) => event.text)).toEqual(['before', 'inside', 'after'])
      expect(await added(() => expect(write(true)).rejects.toThrow('changed my mind'))).toEqual([])
    })

    test('gives one token for a transaction and its savepoints', async () => {
      const tokens: string[] = []
      const events = await added(() =>
        transactions().transaction(async (executor, nested) => {
          await nested(async (savepoint) => {
            tokens.push(await outbox.append(savepoint, noted('inside')))
            tokens.push(await outbox.token(savepoint))
          })
          tokens.push(await outbox.append(executor, noted('outside')))
        }),
      )
      expect(new Set([...tokens, ...events.map(({ era, nonce, xid }) => `${era}-${nonce}.${xid}`)]).size).toBe(1)
    })

    test('lets the transaction go on after an event that its schema refused', async () => {
      const events = await added(() =>
        transactions().transaction(async (executor) => {
          const refused = outbox.append(executor, [{ type: 'Noted', aggregate: 'note:1', payload: {} as never }])
          await expect(refused).rejects.toMatchObject({ code: 'EVENT_INVALID' })
          await outbox.append(executor, noted('still here'))
        }),
      )
      expect(events.map((event) => event.text)).toEqual(['still here'])
    })

    test('lets each consumer take an event once, in either case of its id', async () => {
      const id = randomUUID()
      const taken = await transactions().transaction(async (executor) => [
        await inbox(executor, id, 'invoices'),
        await inbox(executor, id.toUpperCase(), 'invoices'),
        await inbox(executor, id, difficult.join('')),
        await inbox(executor, randomUUID(), 'invoices'),
      ])
      expect(taken).toEqual([true, false, true, true])
      expect(await transactions().transaction((executor) => inbox(executor, id, 'invoices'))).toBe(false)
    })

    test('takes an event again if its transaction, or its savepoint, was rolled back', async () => {
      const id = randomUUID()
      const take = (executor: Executor) => inbox(executor, id, 'invoices')
      const takeAndFail = async (executor: Executor) => {
        expect(await take(executor)).toBe(true)
        throw new Error('changed my mind')
      }
      await expect(transactions().transaction(takeAndFail)).rejects.toThrow('changed my mind')
      const again = await transactions().transaction(async (executor, nested) => {
        await nested(takeAndFail).catch(() => {})
        return take(executor)
      })
      expect(again).toBe(true)
    })

    test.each([
      ['is a duplicate once the other has committed', false],
      ['is the first if the other is rolled back', true],
    ])('waits while another transaction has the event in hand, and %s', async (_, rolledBack) => {
      const id = randomUUID()
      let second: Promise<boolean> | undefined
      const first = transactions().transaction(async (executor) => {
        expect(await inbox(executor, id, 'invoices')).toBe(true)
        second = transactions().transaction((other) => inbox(other, id, 'invoices'))
        await waitForLockWaiters(database().pool, 1)
        if (rolledBack) throw new Error('changed my mind')
      })
      await first.catch((error: Error) => expect(error.message).toBe('changed my mind'))
      expect(await second).toBe(rolledBack)
    })

    test('lets the transaction go on after an event id or a consumer that was refused', async () => {
      const id = randomUUID()
      const taken = await transactions().transaction(async (executor) => {
        await expect(inbox(executor, '17', 'invoices')).rejects.toMatchObject({ code: 'INBOX_INVALID' })
        await expect(inbox(executor, id, '')).rejects.toMatchObject({ code: 'INBOX_INVALID' })
        return inbox(executor, id, 'invoices')
      })
      expect(taken).toBe(true)
    })
  })
}
