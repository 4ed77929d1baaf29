import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** Something that listens on a port and passes all bytes on to an engine. */
export interface Relay {
  /** Passes bytes on only so many milliseconds after they came, in both directions. */
  delay(milliseconds: number): void
  /** Ends every connection through it; new ones are let in. */
  cut(): void
  /** Drops the answers of the engine, which hears every request. */
  swallow(): void
  /** Passes everything on at once again. Connections that lost an answer are cut. */
  heal(): void
  /** Ends every connection through it. */
  close(): Promise<void>
}

/** @param port where it listens on loopback @param url of the engine */
export async function startRelay(port: number, url: string): Promise<Relay> {
  const { hostname, port: enginePort } = new URL(url)
  const sockets = new Set<Socket>()
  let delay = 0
  let swallows = false
  const pass = (from: Socket, to: Socket, drops: () => boolean) => {
    let passed = Promise.resolve()
    const behind = (act: () => unknown, milliseconds: number) => {
      const due = performance.now() + milliseconds
      passed = passed.then(async () => {
        const rest = due - performance.now()
        if (rest > 0) await wait(rest)
        act()
      })
    }
    sockets.add(from)
    from.on('data', (bytes) => {
      if (!drops()) behind(() => to.write(bytes), delay)
    })
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      behind(() => to.end(), 0)
    })
  }
  const server = createServer((near) => {
    const far = connect(Number(enginePort), hostname)
    pass(near, far, () => false)
    pass(far, near, () => swallows)
  })
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    delay: (milliseconds) => {
      delay = milliseconds
    },
    cut,
    swallow: () => {
      swallows = true
    },
    heal: () => {
      delay = 0
      if (swallows) cut()
      swallows = false
    },
    async close() {
      cut()
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
