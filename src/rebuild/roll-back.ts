import { dropUnserved } from '../generation.ts'
import type { CatchUp, EventFed } from '../materializer.ts'
import { type Generation, servingGeneration } from '../schema/generations.ts'
import { cutOver, replacedBy } from './cut-over.ts'
import { serve } from './serve.ts'

/**
 * Serves a generation again that has followed since it was replaced: it catches up with the one that serves, and takes its
 * place as a new one does. The one that served follows then.
 *
 * @param warmFor milliseconds for which it follows
 * @throws as `cutOver`: then nothing has changed
 */
export function rollBack(
  materializer: EventFed,
  warm: Generation,
  { catchUp, warmFor }: { catchUp: CatchUp; warmFor: number },
): Promise<Generation> {
  const { target } = materializer.context
  const build = materializer.build({})
  return build.run(async (client) => {
    const { before } = await replacedBy(client, target)
    const replaced = { before, version: undefined, lease: undefined } // it may be behind, so it catches up in any case
    await cutOver(client, warm, replaced, catchUp, {
      verify: async () => {},
      fence: materializer.fence,
      ready: async () => build.makeReadable?.(warm),
      serve: (lease) => serve(client, build, warm, { ...replaced, lease }, warmFor),
    })
    await dropUnserved(client, target, (storage) => materializer.drop(client, storage))
    return (await servingGeneration(client, target)) ?? warm
  })
}
