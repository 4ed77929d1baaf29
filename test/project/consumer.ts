import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repository, textOf } from './repository.ts'

const run = promisify(execFile)
const npmOptions = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']

export interface Packed {
  /** `trifold`, or `@trifold/compare`. */
  name: string
  /** The folder of the repository that it was packed from: the empty string is its root. */
  from: string
  /** The path of the tarball. */
  file: string
  /** The paths in it. */
  paths: string[]
}

/** Packs what `npm run build` has built: the library first, then the packages beside it. */
export async function packProject(folder: string): Promise<Packed[]> {
  const options = ['--workspaces', '--ignore-scripts', '--json', '--pack-destination', folder]
  const { stdout } = await run('npm', ['pack', ...options], { cwd: repository })
  const packed = JSON.parse(stdout) as { name: string; filename: string; files: { path: string }[] }[]
  return packed.map(({ name, filename, files }) => ({
    name,
    from: name === 'trifold' ? '' : name.replace('@trifold', 'packages'),
    file: join(folder, filename),
    paths: files.map(({ path }) => path),
  }))
}

/** A project in its own folder that has installed the packed library, as a user's would. */
export class Consumer {
  readonly folder: string
  private readonly env: NodeJS.ProcessEnv

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder
    this.env = { ...process.env, NO_COLOR: '1', ...env }
  }

  static async create(tarballs: readonly string[], env: NodeJS.ProcessEnv): Promise<Consumer> {
    const folder = await mkdtemp(join(tmpdir(), 'trifold-consumer-'))
    const { dependencies, devDependencies } = JSON.parse(textOf('package.json'))
    const wanted = ['pg', 'zod'].map((name) => `${name}@${{ ...dependencies, ...devDependencies }[name]}`)
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
    await run('npm', ['install', ...npmOptions, ...tarballs, ...wanted], { cwd: folder })
    const consumer = new Consumer(folder, env)
    await consumer.borrowOrm()
    return consumer
  }

  /** The ORM of the examples is this repository's: its own dependencies are found from there. */
  private async borrowOrm(): Promise<void> {
    await symlink(join(repository, 'node_modules/@mikro-orm'), join(this.folder, 'node_modules/@mikro-orm'))
  }

  /** Runs `trifold`; rejects where it ends with another code than 0. */
  async trifold(...args: string[]): Promise<string> {
    return this.output(join(this.folder, 'node_modules/.bin/trifold'), args)
  }

  /** Runs `trifold` with a command line that fails. Returns its exit code and what it wrote to stderr. */
  async failure(...args: string[]): Promise<{ code: number; stderr: string }> {
    return this.trifold(...args).then(
      () => ({ code: 0, stderr: '' }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
    )
  }

  /** Installs more tarballs. */
  async install(...tarballs: string[]): Promise<void> {
    await rm(join(this.folder, 'node_modules/@mikro-orm')) // npm would follow the link, and prune what it did not install
    await this.output('npm', ['install', ...npmOptions, ...tarballs])
    await this.borrowOrm()
  }

  /** Compiles the project into `build`, with its definitions beside the compiled configuration. Returns what the compiler says, nothing where it is content. */
  async compile(): Promise<string> {
    const args = ['--noEmit', 'false', '--rewriteRelativeImportExtensions', '--outDir', 'build']
    try {
      await cp(join(this.folder, 'views'), join(this.folder, 'build/views'), { recursive: true })
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
