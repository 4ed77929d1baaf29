import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repository, textOf } from './repository.ts'

const run = promisify(execFile)

export interface Packed {
  /** The path of the tarball. */
  file: string
  /** The paths in it. */
  paths: string[]
}

/** Packs what `npm run build` has built. */
export async function packProject(folder: string): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: repository,
  })
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }]
  return { file: join(folder, packed.filename), paths: packed.files.map(({ path }) => path) }
}

/** A project in a folder of its own that has the packed library installed, as a user's would. */
export class Consumer {
  readonly folder: string
  private readonly env: NodeJS.ProcessEnv

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder
    this.env = { ...process.env, NO_COLOR: '1', ...env }
  }

  static async create(tarball: string, env: NodeJS.ProcessEnv): Promise<Consumer> {
    const folder = await mkdtemp(join(tmpdir(), 'trifold-consumer-'))
    const { dependencies } = JSON.parse(textOf('package.json'))
    const wanted = ['pg', 'zod'].map((name) => `${name}@${dependencies[name]}`)
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', ...options, tarball, ...wanted], { cwd: folder })
    // The ORM of the examples is this repository's: its own dependencies are found from there.
    await symlink(join(repository, 'node_modules/@mikro-orm'), join(folder, 'node_modules/@mikro-orm'))
    return new Consumer(folder, env)
  }

  /** Runs `trifold`; rejects where it ends with another code than 0. */
  async trifold(...args: string[]): Promise<string> {
    return this.output(join(this.folder, 'node_modules/.bin/trifold'), args)
  }

  /** Compiles the project into `build`. Returns what the compiler says, nothing where it is content. */
  async compile(): Promise<string> {
    const args = ['--noEmit', 'false', '--rewriteRelativeImportExtensions', '--outDir', 'build']
    try {
      return await this.output(join(repository, 'node_modules/.bin/tsc'), args)
    } catch (error) {
      return (error as { stdout: string }).stdout
    }
  }

  /** Runs a compiled file. */
  node(file: string): Promise<string> {
    return this.output(process.execPath, [join('build', file)])
  }

  /** Starts `trifold worker`. */
  startWorker(): ChildProcess {
    return spawn(process.execPath, [join(this.folder, 'node_modules/.bin/trifold'), 'worker'], {
      cwd: this.folder,
      env: this.env,
      stdio: 'inherit',
    })
  }

  /** Changes one of its files. */
  async edit(file: string, change: (text: string) => string): Promise<void> {
    const path = join(this.folder, file)
    await writeFile(path, change(await readFile(path, 'utf8')))
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }

  private async output(command: string, args: string[]): Promise<string> {
    const { stdout } = await run(command, args, { cwd: this.folder, env: this.env })
    return stdout
  }
}

/** Asks a process to end and returns its exit code. */
export async function end(child: ChildProcess): Promise<number | null> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const [code] = await ended
  return code
}
