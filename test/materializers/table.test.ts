import { createTableMaterializer } from '../../src/materializers/table.ts'
import { conformance } from './conformance.ts'

conformance({
  name: 'table',
  features: { fedBy: 'events', fullText: false, transactional: true },
  create: createTableMaterializer,
  refusesRefresh: /trifold fill/,
  loseStorage: async ({ context }, storage) => {
    await context.pool.query(`drop table trifold.${storage} cascade`)
  },
})
