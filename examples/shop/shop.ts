import type { Outbox } from 'trifold'
import { type ShopCommands, shopCommands } from './commands.ts'
import type { ShopEvents } from './events.ts'
import { createOrm, type ShopOrm } from './orm.ts'

export { ShopError, type ShopErrorCode } from './errors.ts'

/** The shop's door: its commands, and the ORM to read with (`shop.orm.em.fork().find(...)`). */
export interface Shop extends ShopCommands {
  readonly orm: ShopOrm
  close(): Promise<void>
}

/** Opens the shop on a database whose schemas are up to date (`migrate` and `migrateShop`). */
export async function openShop(
  databaseUrl: string,
  options: { poolSize?: number; outbox?: Outbox<ShopEvents> } = {},
): Promise<Shop> {
  const orm = await createOrm(databaseUrl, options.poolSize)
  let closed: Promise<void> | undefined
  return {
    ...shopCommands(orm, options.outbox),
    orm,
    close() {
      closed ??= orm.close(true)
      return closed
    },
  }
}
