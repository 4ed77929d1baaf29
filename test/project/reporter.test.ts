import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { repository } from './repository.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trifold-reporter-'))
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('counts what passed, failed and was skipped in the last line', async () => {
  const line = await lastLine(`
    it('one', () => {})
    it('two', () => {})
    it('three', () => { throw new Error('no') })
    it('four', ({ skip }) => skip())`)
  expect(line).toBe('2 passed, 1 failed, 1 skipped')
})

it('counts a file that cannot be loaded as failed', async () => {
  expect(await lastLine(`it('one', () => {}); throw new Error('not loaded')`)).toBe('0 passed, 1 failed, 0 skipped')
})

it('counts a failed hook as failed', async () => {
  const line = await lastLine(`
    beforeAll(() => { throw new Error('no') })
    it('one', () => {})`)
  expect(line).toBe('0 passed, 1 failed, 1 skipped')
})

it('counts an error outside of every test as failed', async () => {
  const line = await lastLine(`
    it('one', async () => {
      setTimeout(() => { throw new Error('late') })
      await new Promise((resolve) => setTimeout(resolve, 50))
    })`)
  expect(line).toBe('1 passed, 1 failed, 0 skipped')
})

/** Runs one test file with the project's reporter and returns the last line that Vitest prints. */
async function lastLine(tests: string): Promise<string | undefined> {
  await writeFile(join(folder, 'some.test.mjs'), `import { beforeAll, it } from 'vitest'\n${tests}\n`)
  const vitest = join(repository, 'node_modules', 'vitest', 'vitest.mjs')
  const reporter = join(repository, 'test', 'support', 'reporter.ts')
  const output = await new Promise<string>((resolve) => {
    const args = [vitest, 'run', '--root', folder, '--reporter', 'default', '--reporter', reporter]
    execFile(process.execPath, args, { cwd: folder }, (_failed, stdout) => resolve(stdout))
  })
  return output.trimEnd().split('\n').at(-1)
}
