import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createJiti } from 'jiti'
import { TrifoldError } from 'trifold/internal/errors'
import type { ApiSettings } from '../settings.ts'

const names = ['trifold.api.ts', 'trifold.api.mjs', 'trifold.api.js']
const known = ['access', 'limits', 'origins']

/**
 * The settings of an API, compiled on the fly if they are TypeScript; undefined if nothing is named and there is no such file.
 *
 * @param named relative to the working folder
 * @param folder where to look otherwise
 * @throws API_INVALID
 */
export async function settingsIn(named: string | undefined, folder: string): Promise<ApiSettings | undefined> {
  const file = named === undefined ? names.map((name) => resolve(folder, name)).find(existsSync) : resolve(named)
  if (file === undefined) return undefined
  if (!existsSync(file)) throw invalid(file, 'does not exist; correct --api')
  const settings = await createJiti(file, { interopDefault: true })
    .import<ApiSettings>(file, { default: true })
    .catch((cause: Error) => {
      throw invalid(file, `cannot be loaded: ${cause.message}`, cause)
    })
  check(file, settings)
  return settings
}

/** The plugin checks what is in them. */
function check(file: string, settings: unknown): void {
  if (typeof settings !== 'object' || settings === null || !('access' in settings))
    throw invalid(file, 'has no `access`; export default defineApi({ access: { roles, keys } })')
  const other = Object.keys(settings).find((key) => !known.includes(key))
  if (other !== undefined) throw invalid(file, `has an unknown key \`${other}\`; it takes ${known.join(', ')}`)
}

const invalid = (file: string, fault: string, cause?: unknown): TrifoldError =>
  new TrifoldError('API_INVALID', `http: ${file} ${fault}`, { cause })
