import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { join } from 'node:path'
import { TrifoldError } from 'trifold/internal/errors'
import { type Engine, engineOf } from './engine.ts'
import { isFolder } from './folder.ts'
import { atFreePorts } from './free-port.ts'
import { chooseJava, type Java } from './java.ts'
import { type BrokerFiles, type BrokerPorts, writeConfiguration } from './kafka/configuration.ts'
import { fetchKafka, instead, kafkaVersion } from './kafka/distribution.ts'
import { lastLines } from './log-tail.ts'
import { asStep } from './progress.ts'
import { untilReady } from './readiness.ts'
import type { KeptProcess } from './supervisor.ts'
import type { Workspace } from './workspace.ts'

/** How to start Kafka. */
export interface KafkaOptions {
  /** A loopback port; a free one by default. */
  port?: number | undefined
  /** Where to look for Java beside the environment and the PATH. */
  jvmFolders?: string[] | undefined
}

const needed = { title: `Kafka ${kafkaVersion}`, oldest: 17, instead }

/**
 * Starts one broker on the loopback address, in KRaft mode, without authentication. Throws `STACK_FAILED` with what to install
 * if Java or Maven is missing.
 */
export async function startKafka(workspace: Workspace, options: KafkaOptions = {}): Promise<Engine> {
  const java = await chooseJava(workspace, needed, options.jvmFolders)
  const jars = await fetchKafka(workspace, java)
  const step = `starting Kafka ${kafkaVersion} on Java ${java.release}`
  return asStep(workspace.report, 'kafka', step, () =>
    atFreePorts([options.port, undefined], ([broker, controller]) =>
      launch({ workspace, java, jars }, { broker: broker as number, controller: controller as number }),
    ),
  )
}

interface Installed {
  workspace: Workspace
  java: Java
  jars: string
}

async function launch(installed: Installed, ports: BrokerPorts): Promise<Engine> {
  const { workspace } = installed
  const home = join(workspace.data, 'kafka')
  const logFile = join(workspace.data, 'kafka.log')
  const files = await writeConfiguration(home, ports, workspace.account)
  if (!(await isFolder(join(files.data, '__cluster_metadata-0')))) await format(installed, files, logFile)
  const process = await run(installed, logFile, ['kafka.Kafka', files.settings])
  await untilReady({
    name: 'Kafka',
    process,
    logFile,
    probe: () => accepts(ports.broker),
    everyMs: 50,
    timeoutMs: 120_000,
    signal: workspace.signal,
  })
  const url = `kafka://127.0.0.1:${ports.broker}`
  return {
    ...engineOf(process),
    name: 'kafka',
    version: kafkaVersion,
    url,
    port: ports.broker,
    folder: files.data,
    logFile,
  }
}

/** Kafka writes the cluster's id into an empty folder before its first start. */
async function format(installed: Installed, files: BrokerFiles, logFile: string): Promise<void> {
  const cluster = `T${randomBytes(16).toString('base64url').slice(1)}` // a dash in front would be an option
  const args = ['kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', cluster, '-c', files.settings]
  const exit = await (await run(installed, logFile, args)).wait()
  if (exit.code === 0) return
  throw new TrifoldError(
    'STACK_FAILED',
    `Stack: the folder of Kafka could not be formatted. The end of its log:\n${await lastLines(logFile, 15)}`,
  )
}

function run({ workspace, java, jars }: Installed, logFile: string, args: string[]): Promise<KeptProcess> {
  return workspace.supervisor.run({
    name: 'kafka',
    command: java.command,
    args: [
      '-Xms256m',
      '-Xmx256m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1', // it starts with half the work
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-cp',
      join(jars, '*'),
      ...args,
    ],
    env: { PATH: workspace.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    cwd: join(workspace.data, 'kafka'),
    ...workspace.account,
    logFile,
    stop: [{ signal: 'SIGTERM', waitMs: 15_000 }],
  })
}

/** The broker binds its port only once it serves. */
function accepts(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const done = (result: true | undefined) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => done(true))
    socket.once('error', () => done(undefined))
  })
}
