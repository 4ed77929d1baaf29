import { join } from 'node:path'
import { TrifoldError } from 'trifold/internal/errors'
import { type Fetch, fetchOnce } from './fetch.ts'
import { findOnPath } from './find-on-path.ts'
import { isFolder } from './folder.ts'
import type { Java } from './java.ts'
import type { Workspace } from './workspace.ts'

/** The plugin that the goals are of: `unpack`, `copy-dependencies`. */
export const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'

/** What Maven fetches, and how. */
export interface MavenFetch extends Pick<Fetch, 'part' | 'title' | 'folder'> {
  /** Goal and options that fill a folder of the name `folder` in the one that is given. */
  goal: (into: string) => string[]
  prepare?: Fetch['prepare']
  /** What to do without Maven: `give the address of an OpenSearch in OPENSEARCH_URL`. */
  instead: string
}

/**
 * A folder in the cache that Maven has filled; filled first when it is missing. Throws `STACK_FAILED` with what to install when
 * it has to be fetched and Maven is not on the PATH.
 */
export async function fetchWithMaven(workspace: Workspace, java: Java, fetch: MavenFetch): Promise<string> {
  const { goal, instead, ...rest } = fetch
  const maven = await findOnPath('mvn', workspace.env)
  if (maven === undefined && !(await isFolder(join(workspace.cache, fetch.folder)))) throw noMaven(fetch)
  const mavenHasJava = workspace.env.JAVA_HOME || (await findOnPath('java', workspace.env))
  return fetchOnce(workspace, {
    ...rest,
    command: (into) => ({
      command: maven ?? 'mvn',
      args: [...goal(into), '--strict-checksums', '-Dstyle.color=never'],
      env: mavenHasJava ? {} : { JAVA_HOME: java.home },
    }),
    inside: fetch.folder,
  })
}

const noMaven = ({ title, instead }: MavenFetch): TrifoldError =>
  new TrifoldError(
    'STACK_FAILED',
    `Stack: ${title} has to be fetched with Maven, and there is no mvn on the PATH. Install Maven (the package maven), or ${instead}.`,
  )
