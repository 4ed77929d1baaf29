import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadedModules, ownModules, packagesOf } from '../../tools/loaded-modules.ts'
import { repository } from './repository.ts'

/** What a process has loaded once it has imported a built module. */
const loadedBy = (module: string): Promise<string[]> =>
  loadedModules(
    ['--input-type=module', '--eval', `import ${JSON.stringify(join(repository, 'dist', module))}`],
    repository,
  )

const command = (...words: string[]): Promise<string[]> =>
  loadedModules([join(repository, 'dist/cli/main.js'), ...words], repository)

it('loads no driver, client or compiler before one is used', async () => {
  const loaded = await loadedBy('index.js')
  expect(packagesOf(loaded)).toEqual([])
  expect(ownModules(loaded).length).toBeLessThanOrEqual(50)
})

it('loads no package and little of its own for an application that only appends', async () => {
  const loaded = await loadedBy('outbox.js')
  expect(packagesOf(loaded)).toEqual([])
  expect(ownModules(loaded).length).toBeLessThanOrEqual(18)
})

it('loads no package and little of its own for an application that only uses the inbox', async () => {
  const loaded = await loadedBy('inbox.js')
  expect(packagesOf(loaded)).toEqual([])
  expect(ownModules(loaded).length).toBeLessThanOrEqual(18)
})

it('loads for a help what reads the command line, and little else', async () => {
  const loaded = await command('--help')
  expect(packagesOf(loaded)).toEqual(['commander'])
  expect(ownModules(loaded).length).toBeLessThanOrEqual(46)
})

it('would notice a client that is loaded', async () => {
  expect(packagesOf(await loadedBy('opensearch/client.js'))).toContain('@opensearch-project/opensearch')
})
