import { defineConfig } from 'trifold'
import shop from '../trifold.config.ts'

type Models = typeof shop.readModels

/** The read models of the shop, without search where no OpenSearch runs. */
function models(): Models {
  if (process.env.OPENSEARCH_URL) return shop.readModels
  const entries = Object.entries(shop.readModels).map(([name, model]) => {
    const { search: _search, ...targets } = model.targets
    return [name, { ...model, targets }]
  })
  return Object.fromEntries(entries) as Models
}

/** The configuration of the shop's web front. */
export default defineConfig({
  ...shop,
  indexPrefix: process.env.TRIFOLD_SHOP_PREFIX ?? 'shop-',
  readModels: models(),
})
