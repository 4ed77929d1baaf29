import type pg from 'pg'
import type { ResolvedConfig } from '../../config.ts'
import type { ReadModel } from '../../read-model.ts'
import { readSwitches, type StoredSwitch } from '../../schema/serving.ts'
import { targetNamed } from '../../target.ts'
import { servedBy, servedByConfiguration } from '../../toolkit/served.ts'

/** Where an operator has switched a read model to. */
export interface SwitchStatus extends StoredSwitch {
  /** The target that requests without `from` go to: another one than `to` if that is not configured. */
  serves: string
  /** The target that they go to after `trifold switch <read model> --reset`. */
  configured: string
}

/** The switches of the read models that are configured. */
export async function readSwitchStatus(config: ResolvedConfig, pool: pg.Pool): Promise<SwitchStatus[]> {
  const stored = await readSwitches(pool)
  return stored
    .filter(({ readModel }) => Object.hasOwn(config.readModels, readModel))
    .map((one) => {
      const model = config.readModels[one.readModel] as ReadModel
      return {
        ...one,
        serves: targetNamed(one.readModel, servedBy(model, one.to)),
        configured: targetNamed(one.readModel, servedByConfiguration(model)),
      }
    })
}
