import { join } from 'node:path'
import { TrifoldError } from 'trifold/internal/errors'
import { fetchOnce } from '../fetch.ts'
import { findOnPath } from '../find-on-path.ts'
import { isFolder } from '../folder.ts'
import type { Java } from '../java.ts'
import type { Workspace } from '../workspace.ts'

/** The version of OpenSearch that the stack starts. */
export const openSearchVersion = '3.8.0'

/** The official distribution with all modules, as Maven Central has it. */
const artifact = `org.opensearch.distribution.integ-test-zip:opensearch:${openSearchVersion}:zip`
const unpack = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack'

/**
 * OpenSearch's folder in the cache; fetched and unpacked with Maven when it is missing. Throws `STACK_FAILED` with what
 * to install when it has to be fetched and Maven is not on the PATH.
 */
export async function fetchOpenSearch(workspace: Workspace, java: Java): Promise<string> {
  const folder = `opensearch-${openSearchVersion}`
  const maven = await findOnPath('mvn', workspace.env)
  if (maven === undefined && !(await isFolder(join(workspace.cache, folder)))) throw noMaven()
  const mavenHasJava = workspace.env.JAVA_HOME || (await findOnPath('java', workspace.env))
  return fetchOnce(workspace, {
    part: 'opensearch',
    title: `OpenSearch ${openSearchVersion}`,
    folder,
    command: (into) => ({
      command: maven ?? 'mvn',
      args: [
        unpack,
        `-Dartifact=${artifact}`,
        `-DoutputDirectory=${into}`,
        '--strict-checksums',
        '-Dstyle.color=never',
      ],
      env: mavenHasJava ? {} : { JAVA_HOME: java.home },
    }),
    inside: folder,
  })
}

function noMaven(): TrifoldError {
  return new TrifoldError(
    'STACK_FAILED',
    `Stack: OpenSearch ${openSearchVersion} has to be fetched with Maven, and there is no mvn on the PATH. Install Maven (the package maven), or give the address of an OpenSearch in OPENSEARCH_URL.`,
  )
}
