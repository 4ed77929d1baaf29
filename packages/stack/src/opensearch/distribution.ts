import type { Java } from '../java.ts'
import { dependencyPlugin, fetchWithMaven } from '../maven.ts'
import type { Workspace } from '../workspace.ts'

/** The version of OpenSearch that the stack starts. */
export const openSearchVersion = '3.8.0'

/** What to do if it cannot be started. */
export const instead = 'give the address of an OpenSearch in OPENSEARCH_URL'

/** The official distribution with all modules, as Maven Central has it. */
const artifact = `org.opensearch.distribution.integ-test-zip:opensearch:${openSearchVersion}:zip`

/** OpenSearch's folder in the cache; fetched and unpacked when it is missing. Throws `STACK_FAILED`. */
export function fetchOpenSearch(workspace: Workspace, java: Java): Promise<string> {
  return fetchWithMaven(workspace, java, {
    part: 'opensearch',
    title: `OpenSearch ${openSearchVersion}`,
    folder: `opensearch-${openSearchVersion}`,
    goal: (into) => [`${dependencyPlugin}:unpack`, `-Dartifact=${artifact}`, `-DoutputDirectory=${into}`],
    instead,
  })
}
