import { inTransaction, openClient } from '../../database.ts'
import { TrifoldError } from '../../errors.ts'
import { pointServingName } from '../../facade.ts'
import type { Materializer } from '../../materializer.ts'
import { lockServingStorage } from '../../schema/generations.ts'
import { servingTarget, storeSwitch } from '../../schema/serving.ts'
import type { Toolkit } from '../../toolkit.ts'
import type { Choice } from './choice.ts'
import type { CheckStill } from './still.ts'

/** The choice and the serving name change in one transaction, so all readers follow at its commit. */
export async function commitSwitch(
  { config }: Toolkit,
  choice: Choice,
  next: Materializer,
  { check, end }: { check: CheckStill; end: number },
): Promise<string | undefined> {
  const { readModel, to, stored } = choice
  const { namedInSql } = next.features
  const client = await openClient(config.database, { name: `switch ${readModel}` })
  try {
    return await inTransaction(client, async () => {
      const name = namedInSql ? to : undefined
      await storeSwitch(client, readModel, { to: stored, name, otherwise: to })
      const storage = await lockServingStorage(client, to)
      if (storage === undefined) throw gone(to)
      if (namedInSql) await pointServingName(client, next.context, storage, { patience: end - performance.now() })
      await check(client)
      return name ?? nameOf(await servingTarget(client, readModel))
    })
  } finally {
    await client.end()
  }
}

/** An index has no name in SQL. */
const nameOf = (target: string | undefined): string | undefined => (target?.endsWith('@search') ? undefined : target)

const gone = (target: string): TrifoldError =>
  new TrifoldError('SWITCH_IMPOSSIBLE', `switch: ${target} was removed meanwhile, so nothing was switched`)
