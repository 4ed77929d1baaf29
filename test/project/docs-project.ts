import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Block } from './docs-page.ts'
import { repository } from './repository.ts'

const execute = promisify(execFile)

const compilerOptions = {
  target: 'ES2023',
  module: 'NodeNext',
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  types: ['node'],
}

/** The tools that the pages call, as a project that followed them would have them. */
const tools = {
  trifold: `exec node ${repository}/dist/cli/main.js "$@"`,
  tsc: `exec ${repository}/node_modules/.bin/tsc "$@"`,
  tsx: `exec ${repository}/node_modules/.bin/jiti "$@"`,
}

/** A project in a folder of its own, in which the blocks of a page are tried. The library is this repository's, as it is built. */
export class DocsProject {
  readonly folder: string
  private readonly env: NodeJS.ProcessEnv

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder
    this.env = { ...process.env, NO_COLOR: '1', ...env }
  }

  static async create(env: NodeJS.ProcessEnv): Promise<DocsProject> {
    const project = new DocsProject(await mkdtemp(join(tmpdir(), 'trifold-docs-')), env)
    await project.write('package.json', JSON.stringify({ name: 'helpdesk', private: true, type: 'module' }))
    await project.write('tsconfig.json', JSON.stringify({ compilerOptions }))
    for (const [name, line] of Object.entries(tools)) {
      await project.write(`node_modules/.bin/${name}`, `#!/bin/sh\n${line}\n`)
      await chmod(join(project.folder, 'node_modules/.bin', name), 0o755)
    }
    await symlink(repository, join(project.folder, 'node_modules/trifold'))
    for (const name of [
      '@trifold',
      'pg',
      'zod',
      'fast-check',
      'fastify',
      'hyparquet-writer',
      '@types',
      '@mikro-orm',
      '@opensearch-project',
    ]) {
      await symlink(join(repository, 'node_modules', name), join(project.folder, 'node_modules', name))
    }
    return project
  }

  async write(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, file)), { recursive: true })
    await writeFile(join(this.folder, file), text)
  }

  /**
   * Does what a page says, from its top to its end and in one shell: writes its files and runs its `sh` blocks, but for
   * those that install packages.
   *
   * @returns what each `sh` block printed, by its line
   */
  async follow(blocks: readonly Block[]): Promise<Map<number, string>> {
    const script = ['set -em', 'trap "kill %1 2>/dev/null || true; wait" EXIT', ...blocks.flatMap(commandsOf)].join(
      '\n',
    )
    const stdout = await this.output(script)
    const parts = stdout.split(/^# block (\d+)\n/m).slice(1)
    return new Map(parts.flatMap((part, place) => (place % 2 === 0 ? [[Number(part), parts[place + 1] ?? '']] : [])))
  }

  /** Runs a script of bash. @throws Error with all that it printed */
  async output(script: string): Promise<string> {
    try {
      const options = { cwd: this.folder, env: this.env, timeout: 240_000 }
      return (await execute('bash', ['-c', script], options)).stdout
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string }
      throw new Error(`the shell gave up: ${stdout}${stderr}`)
    }
  }

  /** What the compiler says of all files, nothing where it is content. */
  async compile(): Promise<string> {
    return this.output('npx tsc -p . || true')
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }
}

const ending = 'end-of-the-block'

function commandsOf({ file, language, text, line }: Block): string[] {
  if (file) return [`mkdir -p ${dirname(file)}`, `cat > ${file} <<'${ending}'`, `${text}${ending}`]
  if (language !== 'sh' || text.includes('npm install')) return []
  const commands = text.trimEnd().split('\n')
  return [`echo '# block ${line}'`, 'exec 2>&1', ...commands.flatMap((command) => [command, ...whenReady(command)])]
}

/** A worker in the background has to have read its configuration before the page goes on to change it. */
function whenReady(command: string): string[] {
  const log = /> (\S+\.log) &$/.exec(command)?.[1]
  return log ? [`until grep -q ' runs ' ${log}; do sleep 0.1; done`] : []
}
