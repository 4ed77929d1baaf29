import { createMemoryMaterializer, type MemoryMaterializer } from '../../src/materializers/memory.ts'
import { conformance } from './conformance.ts'

conformance({
  name: 'memory',
  features: { fedBy: 'events', fullText: false, transactional: false },
  create: createMemoryMaterializer,
  rows: (materializer) => [...(materializer as MemoryMaterializer).rows.values()],
  refusesRefresh: /only applies events/,
  loseStorage: async ({ context }) => {
    await context.pool.query(`update trifold.generations set state = 'retired' where target = $1`, [context.target])
  },
})
