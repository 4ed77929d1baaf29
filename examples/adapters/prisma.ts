import { PrismaPg } from '@prisma/adapter-pg'
import { prismaExecutor } from 'trifold'
import { type OutboxRow, outbox, type Placed } from './events.ts'
import { PrismaClient } from './prisma/client.ts'

/** Places an order with Prisma: the row, its event and the token in one transaction. */
export async function placeOrder(databaseUrl: string, id: number, customer: string): Promise<Placed> {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl }) })
  try {
    const commit = await prisma.$transaction(async (tx) => {
      await tx.order.create({ data: { id, customer } })
      const payload = { orderId: id, customer }
      return outbox.append(prismaExecutor(tx), { type: 'OrderPlaced', aggregate: `order:${id}`, payload })
    })
    const events = prisma.$queryRaw<OutboxRow[]>`select type, aggregate, payload from trifold.outbox order by position`
    return { commit, events: await events }
  } finally {
    await prisma.$disconnect()
  }
}
