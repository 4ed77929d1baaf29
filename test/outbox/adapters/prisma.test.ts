import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PrismaClient } from '../../../examples/adapters/prisma/client.ts'
import { prismaExecutor } from '../../../src/outbox/adapters/prisma.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'
import { executorConformance, type Transactions } from './conformance.ts'
import { appendNoted, committed, createNotes, expectNoTransaction } from './notes.ts'

let database: TestDatabase
let prisma: PrismaClient

beforeAll(async () => {
  database = await createDatabase()
  await createNotes(database)
  prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: database.url }),
    transactionOptions: { maxWait: 30_000, timeout: 30_000 },
  })
})

afterAll(async () => {
  await prisma?.$disconnect()
  await database?.close()
})

const transactions = (): Transactions => ({
  transaction: (work) =>
    prisma.$transaction((tx) =>
      work(prismaExecutor(tx), (inner) => tx.$transaction((nested) => inner(prismaExecutor(nested)))),
    ),
})

const extended = () => prisma.$extends({ model: { order: { custom: () => 'an extension' } } })

describe('the executor of a Prisma transaction', () => {
  executorConformance(() => database, transactions)

  test('commits rows and events together, or neither', async () => {
    const write = (id: number) =>
      prisma.$transaction(async (tx) => {
        await appendNoted(prismaExecutor(tx), id)
        await tx.$queryRaw`insert into notes (id, text) values (${id}, 'what? $1')`
      })
    await write(1)
    await expect(write(1)).rejects.toThrow(/already exists|duplicate key/)
    expect(await committed(database)).toEqual({ rows: [1], events: [1] })
  })

  test('refuses the client, by its type and when it runs', async () => {
    // @ts-expect-error a client can be disconnected
    await expectNoTransaction(prismaExecutor(prisma))
    // @ts-expect-error an extended one too
    await expectNoTransaction(prismaExecutor(extended()))
  })

  test('refuses a transaction that has ended', async () => {
    const tx = await prisma.$transaction(async (open) => open)
    await expect(appendNoted(prismaExecutor(tx), 8)).rejects.toThrow(/Transaction already closed/)
  })

  test('takes the transaction of an extended client', async () => {
    const rows = await extended().$transaction((tx) => prismaExecutor(tx).query('select 1 as one'))
    expect(rows).toEqual({ rows: [{ one: 1 }] })
  })
})
