import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Fetch, fetchOnce } from '../../packages/stack/src/fetch.ts'
import type { StackProgress } from '../../packages/stack/src/progress.ts'
import { openWorkspace, type Workspace } from '../../packages/stack/src/workspace.ts'

let cache: string
let events: StackProgress[]
let workspaces: Workspace[]

beforeEach(async () => {
  cache = await mkdtemp('/tmp/trifold-test-fetch-')
  await chmod(cache, 0o755)
  events = []
  workspaces = []
})

afterEach(async () => {
  await Promise.all(workspaces.map(({ supervisor }) => supervisor.stop()))
  await rm(cache, { recursive: true, force: true })
})

async function openTestWorkspace(signal?: AbortSignal): Promise<Workspace> {
  const env = { ...process.env, TRIFOLD_CACHE: cache }
  const workspace = await openWorkspace({ env, signal, report: (event) => events.push(event) })
  workspaces.push(workspace)
  return workspace
}

/** A distribution that a shell script makes in the folder it is run in. */
function scripted(script: string): Fetch {
  return {
    part: 'postgres',
    title: 'Example 1.0',
    folder: 'example-1.0',
    command: () => ({ command: '/bin/sh', args: ['-c', script] }),
    inside: 'inside',
  }
}

const begun = () => events.filter(({ state }) => state === 'begin').map(({ step }) => step)

test('of two that need a distribution at once one fetches it, the other waits, and nothing else is left', async () => {
  const [one, other] = await Promise.all([openTestWorkspace(), openTestWorkspace()])
  const slow = scripted('mkdir -m 700 inside && echo whole > inside/file && sleep 1')
  const folders = await Promise.all([fetchOnce(one, slow), fetchOnce(other, slow)])
  expect(folders).toEqual([join(cache, 'example-1.0'), join(cache, 'example-1.0')])
  expect(begun().sort()).toEqual(['fetching Example 1.0', 'waiting for another process to fetch Example 1.0'])
  expect(await readdir(cache)).toEqual(['example-1.0'])
  expect(await readFile(join(cache, 'example-1.0', 'file'), 'utf8')).toBe('whole\n')
  expect((await stat(join(cache, 'example-1.0'))).mode & 0o777).toBe(0o755)
})

test('a failed fetch says what the command said, leaves nothing, and can be tried again', async () => {
  const workspace = await openTestWorkspace()
  const failing = fetchOnce(workspace, scripted('mkdir inside; echo the mirror is away >&2; exit 7'))
  await expect(failing).rejects.toMatchObject({
    code: 'STACK_FAILED',
    message: expect.stringContaining('the mirror is away'),
  })
  expect(await readdir(cache)).toEqual([])
  await fetchOnce(workspace, scripted('mkdir inside'))
  expect(await readdir(cache)).toEqual(['example-1.0'])
})

test('the lock of a process that is gone is taken over', async () => {
  await writeFile(join(cache, 'example-1.0.lock'), String(2 ** 30))
  await fetchOnce(await openTestWorkspace(), scripted('mkdir inside'))
  expect(await readdir(cache)).toEqual(['example-1.0'])
})

test('an abort ends the command and leaves nothing', async () => {
  const abort = new AbortController()
  const workspace = await openTestWorkspace(abort.signal)
  const fetching = fetchOnce(workspace, scripted('mkdir inside; exec sleep 600'))
  const aborted = expect(fetching).rejects.toMatchObject({ name: 'AbortError' })
  abort.abort()
  await aborted
  expect(await readdir(cache)).toEqual([])
})
