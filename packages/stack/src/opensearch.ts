import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Engine, engineOf } from './engine.ts'
import { chooseJava, type Java } from './java.ts'
import { type NodeFolders, writeConfiguration } from './opensearch/configuration.ts'
import { fetchOpenSearch, instead, openSearchVersion } from './opensearch/distribution.ts'
import { jvmOptions } from './opensearch/jvm-options.ts'
import { asStep } from './progress.ts'
import { untilReady } from './readiness.ts'
import type { Workspace } from './workspace.ts'

/** How to start OpenSearch. */
export interface OpenSearchOptions {
  /** A loopback port; a free one by default. */
  port?: number | undefined
  /** The heap in Java's notation; 512m by default. */
  heap?: string | undefined
  /** Where to look for Java beside the environment and the PATH. */
  jvmFolders?: string[] | undefined
}

const needed = { title: `OpenSearch ${openSearchVersion}`, oldest: 21, instead }

/**
 * Starts one node of OpenSearch on the loopback address, without security. `OPENSEARCH_JAVA_OPTS` holds further options
 * of the Java machine, as with OpenSearch's own start script. Throws `STACK_FAILED` with what to install
 * if Java or Maven is missing.
 */
export async function startOpenSearch(workspace: Workspace, options: OpenSearchOptions = {}): Promise<Engine> {
  const java = await chooseJava(workspace, needed, options.jvmFolders)
  const distribution = await fetchOpenSearch(workspace, java)
  const step = `starting OpenSearch ${openSearchVersion} on Java ${java.release}`
  return asStep(workspace.report, 'opensearch', step, () => launch(workspace, options, java, distribution))
}

async function launch(
  workspace: Workspace,
  options: OpenSearchOptions,
  java: Java,
  distribution: string,
): Promise<Engine> {
  const home = join(workspace.data, 'opensearch')
  const logFile = join(workspace.data, 'opensearch.log')
  const folders = await writeConfiguration(home, options.port ?? 0, workspace.account)
  const process = await workspace.supervisor.run({
    name: 'opensearch',
    command: java.command,
    args: [
      ...jvmOptions(java.release, options.heap ?? '512m', folders.temporary, distribution),
      ...(workspace.env.OPENSEARCH_JAVA_OPTS ?? '').split(/\s+/).filter(Boolean),
      `-Dopensearch.path.home=${distribution}`,
      `-Dopensearch.path.conf=${folders.config}`,
      '-Dopensearch.distribution.type=zip',
      '-Dopensearch.bundled_jdk=false',
      '-cp',
      join(distribution, 'lib', '*'),
      'org.opensearch.bootstrap.OpenSearch',
    ],
    env: { PATH: workspace.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    cwd: home,
    ...workspace.account,
    logFile,
    stop: [{ signal: 'SIGTERM', waitMs: 15_000 }],
  })
  const ready = { name: 'OpenSearch', process, logFile, everyMs: 100, timeoutMs: 180_000, signal: workspace.signal }
  const port = await untilReady({ ...ready, probe: () => boundPort(folders) })
  const url = `http://127.0.0.1:${port}`
  await untilReady({ ...ready, probe: () => answers(url) })
  return {
    ...engineOf(process),
    name: 'opensearch',
    version: openSearchVersion,
    url,
    port,
    folder: folders.data,
    logFile,
  }
}

/** The node writes the addresses that it has bound into a file, so that a port is never guessed. */
async function boundPort(folders: NodeFolders): Promise<number | undefined> {
  const text = await readFile(join(folders.logs, 'http.ports'), 'utf8').catch(() => '')
  const port = /^127\.0\.0\.1:(\d+)$/m.exec(text)?.[1]
  return port === undefined ? undefined : Number(port)
}

async function answers(url: string): Promise<true | undefined> {
  const health = `${url}/_cluster/health?wait_for_status=yellow&timeout=1s`
  const response = await fetch(health, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
  await response?.arrayBuffer()
  return response?.ok ? true : undefined
}
