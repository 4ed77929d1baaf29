import { resolveDefinition } from '../definition/resolution.ts'
import { targetName } from '../facade.ts'
import { parseTarget } from '../target.ts'
import type { Toolkit } from '../toolkit.ts'

/**
 * Targets in the order in which to rebuild them: a read model comes after those whose names its definition reads, by itself or
 * through views of the application. One whose definition does not compile comes last: a name that it reads may be missing.
 */
export async function inRebuildOrder(toolkit: Toolkit, targets: readonly string[]): Promise<string[]> {
  const models = [...new Set(targets.map((target) => parseTarget(target).readModel))]
  if (models.length < 2) return [...targets]
  const read = new Map<string, Set<string> | undefined>()
  for (const model of models) read.set(model, await modelsReadBy(toolkit, model))
  const compiled = models.filter((model) => read.get(model))
  const ordered: string[] = []
  const visit = (model: string, path: readonly string[]): void => {
    if (ordered.includes(model) || path.includes(model)) return
    for (const other of read.get(model) ?? []) if (compiled.includes(other)) visit(other, [...path, model])
    ordered.push(model)
  }
  for (const model of [...compiled, ...models.filter((one) => !compiled.includes(one))]) visit(model, [])
  return ordered.flatMap((model) => targets.filter((target) => parseTarget(target).readModel === model))
}

/** The read models whose names a definition reads; undefined if it does not compile. */
async function modelsReadBy({ targets, config, pool, targetNames }: Toolkit, model: string) {
  const definition = [...targets.values()].find(({ context }) => context.name === model)?.context.definition
  if (!definition) return undefined
  const owners = new Map(Object.keys(config.readModels).map((name) => [`${config.schema}.${name}`, name]))
  for (const target of targetNames) owners.set(`${config.schema}.${targetName(target)}`, parseTarget(target).readModel)
  const client = await pool.connect()
  try {
    const { resolution } = await resolveDefinition(client, definition.sql)
    const found = resolution.relations.map(({ name }) => owners.get(name.replaceAll('"', '')))
    return new Set(found.filter((name) => name !== undefined && name !== model) as string[])
  } catch {
    return undefined
  } finally {
    client.release()
  }
}
