import { expect, it } from 'vitest'
import { installed, withInstalled } from '../../tools/footprint.ts'
import { loadedModules, ownModules, packagesOf } from '../../tools/loaded-modules.ts'

// `npx jiti tools/footprint.ts` prints the figures, with the CPU time, which is no matter for a test.
it('installs few packages, and loads from them what is used', async () => {
  await withInstalled(async (folder) => {
    const { packages, megabytes } = await installed(folder)
    expect(packages).toBeLessThanOrEqual(75)
    expect(megabytes).toBeLessThanOrEqual(35)
    const loaded = await loadedModules(['--input-type=module', '--eval', "import 'trifold/outbox'"], folder)
    expect(packagesOf(loaded)).toEqual(['trifold'])
    expect(ownModules(loaded).length).toBeLessThanOrEqual(18)
  })
})
