import { execFile, execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Kilobytes. What is not written takes no memory. */
const size = 1_048_576
const left = 128

/** A small file system in memory that can be full at once. */
export class Disk {
  private readonly path: string
  private readonly atExit = () => {
    execFileSync('umount', ['-l', this.path])
  }

  private constructor(path: string) {
    this.path = path
    process.once('exit', this.atExit) // a run that hangs ends by `process.exit`
  }

  /** @returns undefined if this user may not mount anything */
  static async mount(path: string): Promise<Disk | undefined> {
    await mkdir(path, { recursive: true })
    const mounted = run('mount', ['-t', 'tmpfs', '-o', `size=${size}k,mode=700`, 'trifold-chaos', path])
    return mounted.then(
      () => new Disk(path),
      () => undefined,
    )
  }

  async fill(): Promise<void> {
    const { stdout } = await run('df', ['-k', '--output=used', this.path])
    await this.resize(Number(stdout.split('\n')[1]) + left)
  }

  empty(): Promise<void> {
    return this.resize(size)
  }

  async unmount(): Promise<void> {
    process.removeListener('exit', this.atExit)
    await run('umount', ['-l', this.path]) // it goes once nothing uses it
  }

  private async resize(kilobytes: number): Promise<void> {
    await run('mount', ['-o', `remount,size=${kilobytes}k`, this.path])
  }
}
