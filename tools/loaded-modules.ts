import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const recorder = fileURLToPath(new URL('./record-loading.mjs', import.meta.url))

/** The paths of all modules that `node <args>` loads, symbolic links resolved. */
export async function loadedModules(args: readonly string[], cwd: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'trifold-loaded-'))
  const file = join(folder, 'modules')
  try {
    await run(process.execPath, ['--import', recorder, ...args], { cwd, env: { ...process.env, LOADED_MODULES: file } })
    const paths = (await readFile(file, 'utf8')).split('\n').filter((path) => path !== '' && path !== recorder)
    return [...new Set(paths)]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The modules of this package, as it is built: those of `trifold` itself in a project that has installed it. */
export const ownModules = (paths: readonly string[]): string[] =>
  paths.filter((path) => /^(?!.*node_modules).*\/dist\/|node_modules\/trifold\/dist\//.test(path))

/** The names of the packages that modules belong to. */
export function packagesOf(paths: readonly string[]): string[] {
  const names = paths.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
  return [...new Set(names.filter((name) => name !== undefined))].sort()
}
