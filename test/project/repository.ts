import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this repository, without a slash at the end. */
export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** The text of one of its files. */
export const textOf = (path: string): string => readFileSync(join(repository, path), 'utf8')

/** The paths of the files that git tracks. */
export function trackedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: repository, encoding: 'utf8' })
  return listed.split('\0').filter(Boolean)
}
