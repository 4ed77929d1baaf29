import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** Something that listens on a port and passes all bytes on to an engine. */
export interface Relay {
  /** Ends every connection through it. */
  close(): Promise<void>
}

/** @param port where it listens on loopback @param url of the engine */
export async function startRelay(port: number, url: string): Promise<Relay> {
  const { hostname, port: enginePort } = new URL(url)
  const ends: (() => void)[] = []
  const server = createServer((near) => {
    const far = connect(Number(enginePort), hostname)
    ends.push(
      () => void near.destroy(),
      () => void far.destroy(),
    )
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    async close() {
      for (const end of ends) end()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An address as it is behind a port of this machine. */
export function throughPort(url: string, port: number): string {
  const relayed = new URL(url)
  relayed.hostname = '127.0.0.1'
  relayed.port = String(port)
  return relayed.toString()
}
