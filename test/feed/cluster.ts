// A cluster of the PostgreSQL that the system has installed: the embedded one lacks pg_basebackup.

import { execFile } from 'node:child_process'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { engineAccount } from '../../packages/stack/src/account.ts'
import { findOnPath } from '../../packages/stack/src/find-on-path.ts'
import { freePort } from '../support/redis.ts'

const run = promisify(execFile)
const account = engineAccount()

/** The folder with pg_basebackup and the server's programs, or undefined where they are not installed. */
export async function serverPrograms(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql'
  const versions = await readdir(debian).catch(() => [])
  const folders = versions.map((version) => join(debian, version, 'bin')).toSorted()
  const found = await findOnPath('pg_basebackup', { PATH: folders.toReversed().join(':') })
  return found?.slice(0, -'/pg_basebackup'.length)
}

export interface Cluster {
  url: string
  data: string
  stop(): Promise<void>
}

/** A new primary that allows replication, with durability off. */
export async function startPrimary(programs: string): Promise<Cluster> {
  const folder = await makeFolder()
  const data = join(folder, 'data')
  await runAs(programs, 'initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-N', '-E', 'UTF8'])
  return launch(programs, folder, data)
}

/** A hot standby of a running primary. */
export async function startStandby(programs: string, primary: Cluster): Promise<Cluster> {
  const folder = await makeFolder()
  const data = join(folder, 'data')
  await runAs(programs, 'pg_basebackup', ['-D', data, '-d', primary.url, '-R', '-c', 'fast', '-X', 'stream'])
  return launch(programs, folder, data)
}

async function launch(programs: string, folder: string, data: string): Promise<Cluster> {
  const port = await freePort()
  const settings = `-h 127.0.0.1 -p ${port} -k ${folder} -c fsync=off -c max_prepared_transactions=20`
  await runAs(programs, 'pg_ctl', ['-D', data, '-l', join(folder, 'log'), '-w', '-o', settings, 'start'])
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    data,
    async stop() {
      await runAs(programs, 'pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop']).catch(() => {})
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp('/tmp/trifold-cluster-')
  if (account) await chown(folder, account.uid, account.gid)
  return folder
}

/** The output goes nowhere: the server that pg_ctl starts would hold a pipe open. */
async function runAs(programs: string, program: string, parameters: string[]): Promise<void> {
  const command = `exec "$0" "$@" >/dev/null 2>&1`
  await run('/bin/sh', ['-c', command, join(programs, program), ...parameters], { ...account, cwd: '/' })
}
