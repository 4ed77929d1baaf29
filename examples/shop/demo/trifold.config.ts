import { defineConfig, type TrifoldOf } from 'trifold'
import shop from '../trifold.config.ts'

const { order_summary } = shop.readModels
const { search, ...inPostgres } = order_summary.targets

/** The configuration of the shop for one run of the demo: a view that is refreshed often, and search where it runs. */
const config = defineConfig({
  ...shop,
  indexPrefix: process.env.TRIFOLD_DEMO_PREFIX ?? 'demo-',
  readModels: {
    order_summary: {
      ...order_summary,
      targets: { ...inPostgres, view: { every: '2s' }, ...(process.env.OPENSEARCH_URL && search ? { search } : {}) },
    },
  },
})

export default config

/** The toolkit of the demo. */
export type DemoTrifold = TrifoldOf<typeof config>
