import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { type StackProgress, startStack } from '../../packages/stack/src/index.ts'
import { processLives } from '../../packages/stack/src/orphans.ts'
import { until } from '../support/until.ts'
import { exists, ownEngines, startProgram } from './child.ts'

interface Started {
  pid: number
  folder: string
}

afterEach(() => {
  vi.unstubAllEnvs()
})

async function startParent(ending: 'wait' | 'return' | 'throw') {
  const parent = startProgram('./parent-process.ts', [ending])
  await until('the stack of the parent', () => parent.printed.stdout.includes('\n'))
  return { ...parent, started: JSON.parse(parent.printed.stdout) as Started }
}

async function expectNothingLeft({ pid, folder }: Started): Promise<void> {
  await until('the end of the engine', () => !processLives(pid))
  await until('the removal of the folder', async () => !(await exists(dirname(dirname(folder)))))
}

test('kill -9 of the caller ends the engines and removes their folder', async () => {
  const { child, started } = await startParent('wait')
  expect(processLives(started.pid)).toBe(true)
  child.kill('SIGKILL')
  await expectNothingLeft(started)
})

test('SIGINT and SIGTERM to the caller end the engines too', async () => {
  const [interrupted, terminated] = await Promise.all([startParent('wait'), startParent('wait')])
  interrupted.child.kill('SIGINT')
  terminated.child.kill('SIGTERM')
  await Promise.all([expectNothingLeft(interrupted.started), expectNothingLeft(terminated.started)])
})

test('a caller that returns without stopping the stack is not kept alive by it, and leaves nothing', async () => {
  const { child, closed, started } = await startParent('return')
  await closed
  expect(child.exitCode).toBe(0)
  await expectNothingLeft(started)
})

test('a caller that crashes leaves nothing', async () => {
  const { child, closed, started } = await startParent('throw')
  await closed
  expect(child.exitCode).toBe(1)
  await expectNothingLeft(started)
})

test('the caller takes over when the supervisor is killed', async () => {
  const stack = await startStack({ env: ownEngines(), openSearch: false })
  const engine = stack.engines[0]!
  const ended = engine.process.wait()
  process.kill(stack.supervisorPid, 'SIGKILL')
  await expect(ended).rejects.toMatchObject({ code: 'STACK_FAILED' })
  await stack.stop()
  await expectNothingLeft(engine)
})

test('an aborted start leaves nothing and says so', async () => {
  const temporary = await mkdtemp('/tmp/trifold-test-abort-')
  await chmod(temporary, 0o755)
  vi.stubEnv('TMPDIR', temporary)
  const abort = new AbortController()
  const states: string[] = []
  const progress = ({ state }: StackProgress) => {
    states.push(state)
    abort.abort()
  }
  const starting = startStack({ env: ownEngines(), openSearch: false, signal: abort.signal, progress })
  await expect(starting).rejects.toMatchObject({ name: 'AbortError' })
  expect([states[0], states.at(-1)]).toEqual(['begin', 'failed'])
  expect((await readdir(temporary)).filter((name) => name.startsWith('trifold-'))).toEqual([])
  await rm(temporary, { recursive: true })
})
