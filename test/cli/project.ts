import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Observation, ObservationKind } from 'trifold'
import { run } from '../../src/cli/run.ts'
import { createOutbox } from '../../src/outbox.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

/** What a command line printed, and its exit code. */
export interface Outcome {
  code: number
  out: string
  err: string
}

/** A folder with a configuration and a definition, and a database of its own. */
export interface Project {
  database: TestDatabase
  folder: string
  /** Runs a command line in this process, with `--config` added. */
  cli(...args: string[]): Promise<Outcome>
  /** Starts `trifold` as users do. */
  start(args: string[], env?: NodeJS.ProcessEnv, options?: { detached?: boolean }): Started
  /** Writes a file of the folder. */
  write(file: string, text: string): Promise<void>
  /** Replaces the configuration; `item` of {@link itemConfig} stands there at first. */
  configure(text: string): Promise<void>
  /** Adds an item and appends its event, in one transaction. */
  addItem(id: number, name: string): Promise<void>
  close(): Promise<void>
}

export interface Started {
  child: ChildProcess
  /** Everything printed so far. */
  out(): string
  err(): string
  /** Resolves once `text` has been printed on stdout. */
  whenPrinted(text: string): Promise<void>
  /** Resolves once a worker that runs with `--json` has said something of that kind. */
  whenObserved<Kind extends ObservationKind>(kind: Kind): Promise<Observation<Kind>>
  ended: Promise<Outcome & { signal: NodeJS.Signals | null }>
}

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** A schema that lets everything pass. */
const anything = `{ '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }`

/**
 * A configuration of the read model `item`.
 *
 * @param more replaces or adds keys of the read model, as source text
 */
export const itemConfig = (databaseUrl: string, more = '', top = ''): string => `
  const set = (row) => ({ kind: 'set', row })
  export default {
    database: ${JSON.stringify(databaseUrl)},
    events: { ItemAdded: ${anything} },
    ${top}
    readModels: {
      item: {
        key: ['id'],
        targets: { table: {}, view: {} },
        on: { ItemAdded: (event) => set(event) },
        ${more}
      },
    },
  }`

const events = createOutbox({
  ItemAdded: {
    '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value: value as object }) },
  },
})

/** @param migrated whether the schema `trifold` is there */
export async function createProject(options: { migrated?: boolean } = {}): Promise<Project> {
  const database = await createDatabase(options)
  await database.pool.query('create table public.items (id integer primary key, name text not null)')
  const folder = await mkdtemp(join(tmpdir(), 'trifold-cli-'))
  let configFile = ''
  let configurations = 0
  const write = (file: string, text: string) => writeFile(join(folder, file), text)
  await mkdir(join(folder, 'views'))
  await write('views/item_v01.sql', 'select id, name from public.items')
  const project: Project = {
    database,
    folder,
    cli: (...args) => runCli([...args, '--config', configFile]),
    start: (args, env = {}, options = {}) => startCli([...args, '--config', configFile], env, options),
    write,
    configure: async (text) => {
      configFile = join(folder, `trifold.config.${++configurations}.mjs`) // a process keeps what it has imported
      await writeFile(configFile, text)
    },
    addItem: (id, name) => addItem(database, id, name),
    async close() {
      await rm(folder, { recursive: true })
      await database.close()
    },
  }
  await project.configure(itemConfig(database.url))
  return project
}

async function addItem({ pool }: TestDatabase, id: number, name: string): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('insert into public.items (id, name) values ($1, $2)', [id, name])
    await events.append(client, [{ type: 'ItemAdded', aggregate: `item:${id}`, payload: { id, name } }])
    await client.query('commit')
  } finally {
    client.release()
  }
}

/** Runs a command line in this process. */
export async function runCli(argv: string[]): Promise<Outcome> {
  let out = ''
  let err = ''
  const stdout = { write: (text: string) => (out += text) }
  const stderr = { write: (text: string) => (err += text) }
  const code = await run(argv, { stdout, stderr })
  return { code, out, err }
}

/** Starts the built command line as a process. */
/** @param detached in a separate process group, as a shell starts it */
export function startCli(
  argv: string[],
  env: NodeJS.ProcessEnv = {},
  { program = main, detached = false } = {},
): Started {
  const child = spawn(process.execPath, [program, ...argv], {
    env: { ...process.env, ...env },
    stdio: 'pipe',
    detached,
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, out, err }))
  const printsMore = async (wanted: string) => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`trifold ended without printing ${JSON.stringify(wanted)}:\n${out}\n${err}`)
    await Promise.race([once(child.stdout, 'data'), ended])
  }
  const whenPrinted = async (text: string) => {
    while (!out.includes(text)) await printsMore(text)
  }
  const whenObserved = async <Kind extends ObservationKind>(kind: Kind) => {
    for (;;) {
      const observations: Observation[] = out
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
      const found = observations.find((one) => one.kind === kind)
      if (found) return found as unknown as Observation<Kind>
      await printsMore(kind)
    }
  }
  return { child, out: () => out, err: () => err, whenPrinted, whenObserved, ended }
}
