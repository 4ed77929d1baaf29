// What the package costs a user: npx jiti tools/footprint.ts
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loadedModules, ownModules } from './loaded-modules.ts'

const run = promisify(execFile)
const repository = fileURLToPath(new URL('..', import.meta.url))

/** What `npm install` of one tarball brings. */
export interface Installed {
  /** Packages, this one among them. */
  packages: number
  /** The sizes of all files, in units of 1,000,000 bytes. */
  megabytes: number
}

/** What the import of one entry takes. */
export interface Imported {
  entry: string
  /** Modules of `trifold` itself. */
  modules: number
  /** Milliseconds of CPU (user and system) beyond those of a Node.js that imports nothing: the median of the runs. */
  cpu: number
}

/** Installs what `npm run build` has built into an empty folder, calls `work` there and removes the folder. */
export async function withInstalled<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'trifold-footprint-'))
  try {
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
    const { stdout } = await run('npm', pack, { cwd: repository })
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', ...options, `./${filename}`], { cwd: folder })
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Measures the `node_modules` of a project. */
export async function installed(folder: string): Promise<Installed> {
  const lock = JSON.parse(await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8'))
  const entries = await readdir(join(folder, 'node_modules'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size))
  return {
    packages: Object.keys(lock.packages).length,
    megabytes: sizes.reduce((sum, size) => sum + size, 0) / 1e6,
  }
}

/** Imports an entry of the package in `runs` processes. */
export async function imported(folder: string, entry: string, runs: number): Promise<Imported> {
  const statement = `import ${JSON.stringify(entry)}`
  const modules = ownModules(await loadedModules(['--input-type=module', '--eval', statement], folder)).length
  const nothing = await cpuOf(folder, '', runs)
  return { entry, modules, cpu: (await cpuOf(folder, statement, runs)) - nothing }
}

/** The median CPU time of a process that runs one statement, in milliseconds. */
async function cpuOf(folder: string, statement: string, runs: number): Promise<number> {
  const script = `${statement}\nconst { user, system } = process.cpuUsage()\nconsole.log((user + system) / 1e3)`
  const times: number[] = []
  for (let count = 0; count < runs; count++) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder })
    times.push(Number(stdout))
  }
  return times.sort((one, other) => one - other)[Math.floor(runs / 2)] as number
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await withInstalled(async (folder) => {
    const { packages, megabytes } = await installed(folder)
    console.log(`npm install trifold: ${packages} packages, ${megabytes.toFixed(1)} MB`)
    for (const entry of ['trifold', 'trifold/outbox']) {
      const { modules, cpu } = await imported(folder, entry, 11)
      console.log(`import '${entry}': ${modules} modules of its own, ${cpu.toFixed(0)} ms of CPU beyond Node.js itself`)
    }
  })
}
