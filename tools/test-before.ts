// Runs the tests of an earlier commit on the migrations of today: workers and applications of the version before run beside
// them during a rolling deployment. `npm run test:before -- <commit> [test files or folders]`

import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const whatRuns = ['test/consumer', 'test/outbox', 'test/rebuild', 'test/worker', 'test/era.test.ts']

const [commit, ...asked] = process.argv.slice(2)
if (!commit) {
  process.stderr.write('test-before: name the commit whose tests are to run, such as the tag of the last release\n')
  process.exit(2)
}
const folder = join(mkdtempSync(join(tmpdir(), 'trifold-before-')), 'checkout')
const run = (directory: string, command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: directory, stdio: 'inherit' })

run(root, 'git', 'worktree', 'add', '--detach', folder, commit)
try {
  run(folder, 'npm', 'ci', '--ignore-scripts', '--silent')
  cpSync(join(root, 'migrations'), join(folder, 'migrations'), { recursive: true })
  run(folder, 'npm', 'run', '--silent', 'build')
  run(folder, 'npx', 'vitest', 'run', ...(asked.length > 0 ? asked : whatRuns))
} finally {
  run(root, 'git', 'worktree', 'remove', '--force', folder)
}
