import type { EventFed } from '../../src/materializer.ts'
import type { Generation } from '../../src/schema/generations.ts'

/** The last step of the copy spoils what it has copied. */
export const spoiledBy = (
  materializer: EventFed,
  spoil: (generation: Pick<Generation, 'storage'>) => Promise<unknown>,
): EventFed => ({
  ...materializer,
  build(options) {
    const build = materializer.build(options)
    const { ranges } = build
    if (!ranges) throw new Error('it has no ranges')
    const finish: typeof ranges.finish = async (client, generation) => {
      await ranges.finish(client, generation)
      await spoil(generation)
    }
    return { ...build, ranges: { ...ranges, finish } }
  },
})
