import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { describeDefinition } from '../../../src/definition.ts'
import type { TargetContext } from '../../../src/materializer.ts'
import type { ReadModel } from '../../../src/read-model.ts'
import type { MaterializerName } from '../../../src/target.ts'
import type { marketModels } from '../market.ts'

export const marketViews = fileURLToPath(new URL('./views', import.meta.url))

/** All that a materializer needs to know of one target of the market. */
export async function marketContext(
  pool: pg.Pool,
  databaseUrl: string,
  name: keyof typeof marketModels,
  materializer: MaterializerName,
  model: ReadModel,
  viewsFolder = marketViews,
): Promise<TargetContext> {
  const client = await pool.connect()
  try {
    const definition = await describeDefinition(client, viewsFolder, name, model)
    return { target: `${name}@${materializer}`, name, model, definition, schema: 'public', databaseUrl, pool }
  } finally {
    client.release()
  }
}
