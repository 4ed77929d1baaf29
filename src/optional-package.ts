import { isPackageMissing, TrifoldError } from './errors.ts'

/** A package that not everybody installs, and what it is for. */
export interface OptionalPackage {
  name: string
  /** What `npm install` is told: `15`, `0.17`. */
  version: string
  /** The part that asks for it, and what cannot be had without it: `export: Parquet needs`. */
  need: string
}

/**
 * Imports what needs a package that may not be installed.
 *
 * @throws PACKAGE_MISSING with the command that installs it
 */
export async function withPackage<Module>(
  { name, version, need }: OptionalPackage,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    if (!isPackageMissing(name, cause)) throw cause
    throw new TrifoldError(
      'PACKAGE_MISSING',
      `${need} the package ${name}, which is not installed; run \`npm install ${name}@${version}\``,
      { cause },
    )
  }
}
