import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createProject, main, type Project } from './project.ts'

const run = promisify(execFile)

let project: Project
beforeAll(async () => {
  project = await createProject()
})
afterAll(() => project.close())

/** A command line, piped into another program; what both print on stderr, and the exit code of `trifold`. */
async function piped(command: string, into: string): Promise<string> {
  const trifold = `'${process.execPath}' '${main}' ${command} --config '${project.folder}/trifold.config.1.mjs'`
  const { stderr } = await run('sh', ['-c', `(${trifold}; echo "code $?" >&2) | ${into}`], { timeout: 240_000 })
  return stderr
}

it('ends without a word if nobody reads what it prints', async () => {
  expect(await piped('status --json', 'true')).toBe('code 1\n')
  expect(await piped('worker --json', 'head -1')).toBe('code 0\n')
  const { rowCount } = await project.database.pool.query('select from trifold.consumers where owner is not null')
  expect(rowCount).toBe(0)
})
