import type { ReadModel } from 'trifold'
import type { Definition } from 'trifold/internal/definition'
import { isTrifoldError, TrifoldError } from 'trifold/internal/errors'
import { restricted } from 'trifold/internal/query'
import { configuredTargets } from 'trifold/internal/read-model/feed'
import type { ModelReader, Toolkit } from 'trifold/internal/toolkit'
import { type Caller, type Grant, invalid, type Roles } from './access.ts'

/** The grant of a caller. @throws READ_MODEL_UNKNOWN for what it may not read, as for what there is not */
export function grantOf({ grants }: Caller, readModel: string): Grant {
  const grant = grants.get(readModel)
  if (grant !== undefined) return grant
  const known = [...grants.keys()].join(', ') || 'none for this key'
  throw new TrifoldError(
    'READ_MODEL_UNKNOWN',
    `http: there is no read model ${JSON.stringify(readModel.slice(0, 60))} (there are: ${known})`,
  )
}

/** The reader of a read model for a caller. @throws READ_MODEL_UNKNOWN */
export function readerFor(toolkit: Toolkit, caller: Caller, readModel: string): ModelReader {
  const grant = grantOf(caller, readModel)
  const reader = toolkit.readModel(readModel)
  return grant === 'all' ? reader : reader.restrict(grant)
}

/** The targets of a read model. */
export const targetsOf = ({ config }: Toolkit, readModel: string) =>
  configuredTargets(readModel, config.readModels[readModel] as ReadModel)

/** What there is of a read model for a caller. @throws READ_MODEL_UNKNOWN, and what no target can be opened for */
export async function definitionFor(toolkit: Toolkit, caller: Caller, readModel: string): Promise<Definition> {
  return grantedOf(await definitionOf(toolkit, readModel), grantOf(caller, readModel))
}

const grantedOf = (definition: Definition, grant: Grant): Definition =>
  grant === 'all' ? definition : restricted({ definition }, grant).definition

async function definitionOf(toolkit: Toolkit, readModel: string): Promise<Definition> {
  const targets = targetsOf(toolkit, readModel)
  const [first] = [...targets.filter(({ target }) => toolkit.targets.has(target)), ...targets]
  return (await toolkit.current(first?.target as string)).context.definition
}

/** Refuses roles that read what there is not, and restrictions that cannot be kept. @throws API_INVALID */
export async function checkGrants(toolkit: Toolkit, roles: Roles): Promise<void> {
  for (const [role, grants] of roles)
    for (const [readModel, grant] of grants) {
      const path = `roles.${role}.${readModel}`
      if (!Object.hasOwn(toolkit.config.readModels, readModel)) {
        const known = Object.keys(toolkit.config.readModels).join(', ')
        throw invalid(`${path}: there is no such read model (configured: ${known})`)
      }
      await checkGrant(toolkit, readModel, grant, path)
    }
}

async function checkGrant(toolkit: Toolkit, readModel: string, grant: Grant, path: string): Promise<void> {
  try {
    grantedOf(await definitionOf(toolkit, readModel), grant)
  } catch (cause) {
    if (!isTrifoldError(cause)) throw cause
    throw new TrifoldError('API_INVALID', `http: ${path}: ${cause.message}`, { cause })
  }
}

/**
 * Whether the grant of a caller still fits the definition, which a migration may have changed. A refusal for its sake names
 * columns that the caller does not read.
 */
export const stillFits = (toolkit: Toolkit, caller: Caller, readModel: string): Promise<boolean> =>
  definitionFor(toolkit, caller, readModel).then(
    () => true,
    () => false,
  )
