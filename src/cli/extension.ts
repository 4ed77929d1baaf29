import type { Command } from 'commander'
import { isPackageMissing, TrifoldError } from '../errors.ts'
import type { Console } from './console.ts'
import { packageVersion } from './version.ts'

/** The packages beside this one, each in the same version. */
export type Extension = 'compare' | 'console' | 'explorer' | 'http' | 'kafka' | 'stack'

/** What `@trifold/<name>/command` exports: it adds arguments, options and the action to its command. */
export interface ExtensionCommand {
  configure(command: Command, console: Console): void
}

/** A module of an extension, or undefined if the package is not installed. */
export async function loadExtension<Module>(name: Extension, module: string): Promise<Module | undefined> {
  // Named by a variable, so that this package compiles without the packages that are built after it.
  const specifier = `@trifold/${name}/${module}`
  try {
    return await import(specifier)
  } catch (error) {
    if (isPackageMissing(`@trifold/${name}`, error)) return undefined
    throw error
  }
}

/** The one command that installs an extension. */
export const installCommand = (name: Extension): string =>
  `npm install ${name === 'compare' || name === 'stack' ? '--save-dev ' : ''}@trifold/${name}@${packageVersion()}`

/** PACKAGE_MISSING with the command that installs the extension. */
export const extensionMissing = (name: Extension): TrifoldError =>
  new TrifoldError(
    'PACKAGE_MISSING',
    `${name}: the package @trifold/${name} is not installed; run \`${installCommand(name)}\``,
  )
