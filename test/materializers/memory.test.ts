import { createMemoryMaterializer, type MemoryMaterializer } from '../../src/materializers/memory.ts'
import { conformance } from './conformance.ts'

conformance({
  name: 'memory',
  fedBy: 'events',
  features: { fullText: false, transactional: false, namedInSql: false },
  create: createMemoryMaterializer,
  rows: (materializer) => [...(materializer as MemoryMaterializer).rows.values()],
  loseStorage: async ({ context }) => {
    await context.pool.query(`update trifold.generations set state = 'retired' where target = $1`, [context.target])
  },
})
