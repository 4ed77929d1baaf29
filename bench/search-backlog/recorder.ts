import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A way to OpenSearch that keeps the bodies of the bulk requests which take it. */
export interface Recorder {
  url: string
  /** In the order in which they came. */
  bodies: Buffer[]
  close(): Promise<void>
}

/** Opens it on the loopback address. @param engine the address to which everything is passed on */
export async function openRecorder(engine: string): Promise<Recorder> {
  const bodies: Buffer[] = []
  const server = createServer(async (from, to) => {
    const body = await contentOf(from)
    if (/\/_bulk(\?|$)/.test(from.url ?? '')) bodies.push(body)
    passOn(engine, from, body, to)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function contentOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of message) parts.push(part)
  return Buffer.concat(parts)
}

function passOn(engine: string, from: IncomingMessage, body: Buffer, to: ServerResponse): void {
  const { method, url = '/' } = from
  const headers = { ...from.headers, host: new URL(engine).host }
  request(new URL(url, engine), { method, headers }, (answer) => {
    to.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(to)
  })
    .on('error', (error) => to.destroy(error))
    .end(body)
}
