import { TrifoldError } from '../../errors.ts'
import type { Generation } from '../../schema/generations.ts'

const impossible = (reason: string): TrifoldError => new TrifoldError('ROLLBACK_IMPOSSIBLE', `rollback: ${reason}`)

/** @param reason why the generation before stopped to follow, if that is known */
export const nothingWarm = (target: string, reason: string | undefined): TrifoldError =>
  impossible(
    `no generation of ${target} follows${reason ? `: the one before stopped to, because ${reason}` : ''}; ` +
      `run \`trifold rebuild ${target}\`, and set \`keepWarm\` so that the next rebuild leaves one`,
  )

/** Of a view. */
export const neverReplaced = (target: string): TrifoldError =>
  impossible(
    `no generation of ${target} served before the one that serves; run \`trifold refresh ${target}\` for the rows of now`,
  )

/** @param file the definition of this configuration */
export const otherDefinition = ({ number, target, definitionVersion }: Generation, file: string): TrifoldError =>
  impossible(
    `generation ${number} of ${target} was built from version ${definitionVersion} of the definition, and this configuration has ` +
      `${file}; deploy the code and the definition of before to the workers and here, then run it again`,
  )

/** @param changed as `changedSettings` names them */
export const otherSettings = ({ number, target }: Generation, changed: string): TrifoldError =>
  impossible(
    `generation ${number} of ${target} was built with ${changed}; deploy the configuration of before to the workers and here, ` +
      'then run it again',
  )

/** @param reason what was done to its storage */
export const unfit = ({ number, target }: Generation, reason: string): TrifoldError =>
  impossible(`generation ${number} of ${target} cannot serve again: ${reason}; run \`trifold rebuild ${target}\``)
