import { createTableMaterializer } from '../../src/materializers/table.ts'
import { conformance } from './conformance.ts'

conformance({
  name: 'table',
  fedBy: 'events',
  features: { fullText: false, transactional: true, namedInSql: true },
  create: createTableMaterializer,
  loseStorage: async ({ context }, storage) => {
    await context.pool.query(`drop table trifold.${storage} cascade`)
  },
})
