import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { processLives } from '../../packages/stack/src/orphans.ts'
import type { StackStatus } from '../../packages/stack/src/status.ts'
import { until } from '../support/until.ts'
import { exists, runProgram, startProgram } from './child.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp('/tmp/trifold-test-cli-')
  await chmod(folder, 0o755)
})

afterAll(async () => {
  await trifold('stack down')
  await rm(folder, { recursive: true, force: true })
})

const main = '../../dist/cli/main.js'

function trifold(command: string, cwd = folder) {
  return runProgram(main, command.split(' '), { cwd })
}

async function status(): Promise<StackStatus> {
  return JSON.parse((await trifold('stack status --json')).stdout) as StackStatus
}

test('a detached stack is found by status and env, belongs to its folder alone, and ends with down', async () => {
  const up = await trifold('stack up --detach --no-opensearch')
  expect(up).toMatchObject({ code: 0, stdout: expect.stringContaining('trifold stack down') })
  const now = await status()
  expect(now).toMatchObject({ running: true, detached: true, folder, engines: [{ name: 'postgres', running: true }] })
  expect(now.engines[0]?.bytes).toBeGreaterThan(10_000_000)
  const { stdout: exported } = await trifold('stack env')
  const { password } = new URL(/'(.*)'/.exec(exported)?.[1] as string)
  expect(password).not.toBe('')
  expect(exported.replace(password, '***')).toBe(`export DATABASE_URL='${now.databaseUrl}'\n`)
  expect(JSON.stringify(now)).not.toContain(password)
  expect(await trifold('stack status', '/')).toMatchObject({ code: 3 })
  expect(await trifold('stack up --detach')).toMatchObject({ code: 0, stderr: 'already running\n' })
  expect(await trifold('stack down')).toMatchObject({ code: 0, stdout: 'stopped\n' })
  expect(processLives(now.engines[0]!.pid)).toBe(false)
  expect(await exists(now.runFolder)).toBe(false)
})

test('without a stack status and env exit with 3, and down with 0', async () => {
  expect(await trifold('stack status --json')).toMatchObject({ code: 3 })
  expect(await status()).toEqual({ running: false, folder, engines: [] })
  expect(await trifold('stack env')).toMatchObject({ code: 3, stdout: '' })
  expect(await trifold('stack down --json')).toMatchObject({ code: 0, stdout: expect.stringContaining('false') })
})

test('a stack whose supervisor was killed is noticed, and what it left is cleared', async () => {
  await trifold('stack up --detach --no-opensearch')
  const { supervisorPid, engines, runFolder } = await status()
  process.kill(supervisorPid, 'SIGKILL')
  await until('the end of the supervisor', () => !processLives(supervisorPid))
  const after = await trifold('stack status')
  expect(after).toMatchObject({ code: 3, stderr: expect.stringContaining('was killed') })
  await until('the end of the engine', () => !processLives(engines[0]!.pid))
  await until('the removal of its folder', async () => !(await exists(runFolder)))
})

test('in the foreground it waits, is seen from elsewhere, and ends with SIGINT or with down', async () => {
  for (const ending of ['SIGINT', 'down'] as const) {
    const up = startProgram(main, ['stack', 'up', '--no-opensearch', '--json'], { cwd: folder })
    await until('the foreground stack', async () => (await status()).running)
    const { engines, detached } = await status()
    expect(detached).toBe(false)
    if (ending === 'down') expect(await trifold('stack down')).toMatchObject({ code: 0 })
    else up.child.kill('SIGINT')
    await up.closed
    expect(up.child.exitCode).toBe(0)
    expect((JSON.parse(up.printed.stdout) as StackStatus).engines).toHaveLength(1)
    expect(processLives(engines[0]!.pid)).toBe(false)
  }
})

test('an engine that ends by itself ends the foreground with 1', async () => {
  const up = startProgram(main, ['stack', 'up', '--no-opensearch', '--data', join(folder, 'data')], {
    cwd: folder,
  })
  await until('the foreground stack', async () => (await status()).running)
  process.kill((await status()).engines[0]!.pid, 'SIGQUIT')
  await up.closed
  expect(up.child.exitCode).toBe(1)
  expect(up.printed.stderr).toContain('postgres ended by itself')
})
