import { createServer } from 'node:net'
import { TrifoldError } from 'trifold/internal/errors'

const attempts = 5

/**
 * Starts an engine at the given ports, with a free one for each that is not given. A free port may be taken between being found
 * and being bound, so free ones are looked for again then.
 */
export async function atFreePorts<T>(
  given: readonly (number | undefined)[],
  start: (ports: number[]) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await Promise.all(given.map((port) => port ?? freePort())))
    } catch (error) {
      const taken = error instanceof TrifoldError && /could not bind|Address already in use/.test(error.message)
      if (!taken || !given.includes(undefined) || attempt === attempts) throw error
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
