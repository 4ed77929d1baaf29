import { stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** The first executable of this name on the PATH of `env`. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name)
    const entry = folder === '' ? undefined : await stat(path).catch(() => undefined)
    if (entry?.isFile() && (entry.mode & 0o111) !== 0) return path
  }
  return undefined
}
