import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { repository } from './repository.ts'

const run = promisify(execFile)

/** The packages of which a process has loaded CommonJS modules once it has imported a built module. */
async function packagesLoadedBy(module: string): Promise<string[]> {
  const script = `
    await import(${JSON.stringify(join(repository, 'dist', module))})
    const { createRequire } = await import('node:module')
    console.log(JSON.stringify(Object.keys(createRequire(import.meta.url).cache)))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: repository })
  const names = (JSON.parse(stdout) as string[]).map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1])
  return [...new Set(names.filter((name) => name !== undefined))].sort()
}

it.each(['index.js', 'cli/run.js'])('loads the client of no engine before one is used: %s', async (module) => {
  const loaded = await packagesLoadedBy(module)
  for (const late of ['@opensearch-project/opensearch', 'bullmq', 'ioredis', 'linkedom']) {
    expect(loaded, late).not.toContain(late)
  }
})

it('would notice a client that is loaded', async () => {
  expect(await packagesLoadedBy('opensearch/client.js')).toContain('@opensearch-project/opensearch')
})
