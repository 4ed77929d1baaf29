import { execFile } from 'node:child_process'
import { appendFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A copy of a cluster's data that takes its place, as a standby does that follows no more. The server has to be away. */
export class Standby {
  private readonly data: string
  private readonly kept: string

  /** @param data the folder of the cluster @param kept where its copy is */
  constructor(data: string, kept: string) {
    this.data = data
    this.kept = kept
  }

  async copy(): Promise<void> {
    await rm(this.kept, { recursive: true, force: true })
    await run('cp', ['-a', this.data, this.kept])
  }

  /** At its next start the server recovers what the copy has, and begins a timeline. */
  async takeOver(): Promise<void> {
    await rm(this.data, { recursive: true })
    await run('cp', ['-a', this.kept, this.data])
    await appendFile(join(this.data, 'postgresql.auto.conf'), `restore_command = 'false'\n`)
    await writeFile(join(this.data, 'recovery.signal'), '', { mode: 0o644 })
  }
}
