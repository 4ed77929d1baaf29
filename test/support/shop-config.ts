import config from '../../examples/shop/trifold.config.ts'
import type { TrifoldConfig } from '../../src/config.ts'
import type { MarketAddress } from './market.ts'

export type ShopReadModel = keyof typeof config.readModels

/** All read models of the shop. */
export const shopReadModels = Object.keys(config.readModels) as ShopReadModel[]

/** The configuration of the shop with some of its read models; without an address of search they have no search targets. */
export function shopConfig(names: readonly ShopReadModel[], address: MarketAddress): TrifoldConfig {
  const base = config as unknown as TrifoldConfig
  const readModels = Object.fromEntries(
    names.map((name) => {
      const model = base.readModels[name] as TrifoldConfig['readModels'][string]
      const { search, ...inPostgres } = model.targets
      return [name, { ...model, targets: address.search ? { ...inPostgres, search } : inPostgres }]
    }),
  )
  return { ...base, ...address, readModels } as TrifoldConfig
}
