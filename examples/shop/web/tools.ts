import { fileURLToPath } from 'node:url'
import type { Run } from '../demo/run.ts'
import { startToolkitChild } from '../toolkit-child.ts'
import type { Tools } from './context.ts'
import type { Engines } from './engines.ts'
import type { WebOptions } from './options.ts'

const config = fileURLToPath(new URL('./trifold.config.ts', import.meta.url))

/** What `trifold serve --json` says once it listens. */
interface Serving {
  kind: 'api.serves'
  pages: string
  console: string
}

/** The pages of `trifold serve` on the read models of the shop: the explorer and the console. */
export function openTools(engines: Engines, { atEnd, fail }: Run<WebOptions>): Promise<Tools> {
  return new Promise((resolve, reject) => {
    const server = startToolkitChild(['serve', '--port', '0'], {
      config,
      ...engines,
      onLine: ({ kind, pages, console }: Serving) => kind === 'api.serves' && resolve({ explorer: pages, console }),
      onEnd(error) {
        reject(error)
        fail(error)
      },
    })
    atEnd(() => server.end())
  })
}
