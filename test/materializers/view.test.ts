import { createViewMaterializer } from '../../src/materializers/view.ts'
import { conformance } from './conformance.ts'

conformance({
  name: 'view',
  fedBy: 'schedule',
  features: { fullText: false, transactional: true, namedInSql: true },
  create: createViewMaterializer,
  loseStorage: async ({ context }, storage) => {
    await context.pool.query(`drop materialized view trifold.${storage} cascade`)
  },
})
