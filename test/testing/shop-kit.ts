import type { EntityManager } from '@mikro-orm/postgresql'
import { inject } from 'vitest'
import { type ShopCommands, shopCommands } from '../../examples/shop/commands.ts'
import type { ShopEvents } from '../../examples/shop/events.ts'
import { createOrm, type ShopOrm } from '../../examples/shop/orm.ts'
import type { Kept, Keys, TrifoldConfig } from '../../src/config.ts'
import { type KitTargetName, openTestKit, type TestKit } from '../../src/testing.ts'
import { shopTemplate } from '../support/template.ts'

const goods = `
  insert into customers (email, name, registered_at)
  values ('ann@example.com', 'Ann', now()), ('bob@example.com', 'Bob', now());
  insert into addresses (customer_id, street, city, postal_code, country)
  values (1, '', '', '', 'Atlantis'), (2, '', '', '', 'Côte d’Été');
  insert into products (sku, name, price_cents, stock)
  values ('lantern', 'Brass Lantern', 1999, 50), ('kite', 'Paper Kite', 250, 3);
  insert into product_images (product_id, position, url)
  values (1, 1, 'https://images.example/lantern.jpg')`

export type ShopKit = TestKit<ShopEvents, EntityManager>

/** A kit of the shop with two customers and two products, whose transactions are those of its ORM. */
export async function openShopKit<K extends Keys, T extends Kept>(
  config: TrifoldConfig<ShopEvents, K, T>,
  targets: readonly KitTargetName[],
): Promise<ShopKit> {
  return openTestKit(config, {
    database: inject('databaseUrl'),
    template: await shopTemplate(),
    seed: (client) => client.query(goods),
    targets,
    connect: async (url) => {
      const orm = await createOrm(url)
      return {
        transaction: (work) => orm.em.fork().transactional((em) => work(em as EntityManager)),
        close: () => orm.close(),
      }
    },
  })
}

/** The commands of the shop inside a transaction that goes on: each is a savepoint of it. */
export const within = (em: EntityManager): ShopCommands =>
  shopCommands({ em: { fork: () => em } } as unknown as ShopOrm)
