import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** What goes wrong with one request between a client and the real engine. */
export type Fault =
  /** Answered by the proxy; the engine never sees it. */
  | { kind: 'answer'; status: 413 | 429 | 502 | 503 }
  /** Answered by the proxy with an answer of the engine that would take too long to bring about. */
  | { kind: 'say'; body: object }
  /** The connection breaks before the engine sees the request. */
  | { kind: 'cut_before' }
  /** The engine does the work, the answer is lost. */
  | { kind: 'cut_after' }
  /** The engine does the work, the answer breaks off in the middle. */
  | { kind: 'cut_answer' }
  /** The engine does the work, the answer begins and never ends. */
  | { kind: 'stall' }
  /** The engine sees the request late, whatever the client does meanwhile. */
  | { kind: 'delay'; ms: number }
  /** The engine sees all items of a bulk but each `every`th; those are answered with `status`. */
  | { kind: 'reject_items'; status: 429 | 503; every: number }

export interface ProxiedRequest {
  /** 0, 1, 2, ... in order of arrival. */
  at: number
  path: string
  bytes: number
  headers: IncomingMessage['headers']
  fault: Fault | undefined
}

export interface FaultyProxy {
  url: string
  requests: ProxiedRequest[]
  /** Resolves once every request that was forwarded has been answered by the engine. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** A proxy on loopback before the engine at `target`; `choose` names the fault of each request. */
export async function startFaultyProxy(
  target: string,
  choose: (request: Omit<ProxiedRequest, 'fault'>) => Fault | undefined,
): Promise<FaultyProxy> {
  const requests: ProxiedRequest[] = []
  const underWay = new Set<Promise<void>>()
  const server = createServer(async (incoming, answer) => {
    const body = await bodyOf(incoming).catch(() => undefined)
    if (body === undefined) return
    const seen = { at: requests.length, path: incoming.url ?? '', bytes: body.length, headers: incoming.headers }
    const fault = choose(seen)
    requests.push({ ...seen, fault })
    const work = serve(target, incoming, body, answer, fault).catch(() => void answer.destroy())
    underWay.add(work)
    await work
    underWay.delete(work)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    close: () => close(server),
  }
}

async function serve(
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  answer: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  if (fault?.kind === 'answer') return refuse(answer, fault.status)
  if (fault?.kind === 'say') return say(answer, fault.body)
  if (fault?.kind === 'cut_before') return void answer.destroy()
  if (fault?.kind === 'reject_items') return rejectItems(target, incoming, body, answer, fault)
  if (fault?.kind === 'delay') await delay(fault.ms)
  const engine = await forward(target, incoming, body)
  if (fault?.kind === 'cut_after' || answer.destroyed) return void answer.destroy()
  answer.writeHead(engine.status, { 'content-type': engine.contentType, 'content-length': engine.body.length })
  if (fault?.kind !== 'cut_answer' && fault?.kind !== 'stall') return void answer.end(engine.body)
  await new Promise((resolve) => {
    answer.on('close', resolve)
    answer.write(engine.body.subarray(0, engine.body.length >> 1), resolve)
  })
  if (fault.kind === 'cut_answer') answer.socket?.resetAndDestroy()
}

interface EngineAnswer {
  status: number
  contentType: string
  body: Buffer
}

function forward(target: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(url ?? '/', target), {
      method,
      headers: { 'content-type': headers['content-type'] ?? 'application/json', 'content-length': body.length },
    })
    outgoing.on('error', reject)
    outgoing.on('response', async (response) => {
      const contentType = response.headers['content-type'] ?? 'application/json'
      resolve({ status: response.statusCode ?? 0, contentType, body: await bodyOf(response) })
    })
    outgoing.end(body)
  })
}

async function rejectItems(
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  answer: ServerResponse,
  { status, every }: { status: number; every: number },
): Promise<void> {
  const lines = body.toString().split('\n').slice(0, -1)
  const items = Array.from({ length: lines.length / 2 }, (_, at) => `${lines[2 * at]}\n${lines[2 * at + 1]}\n`)
  const passed = items.filter((_, at) => at % every !== 0)
  const engine = passed.length > 0 ? await forward(target, incoming, Buffer.from(passed.join(''))) : undefined
  const answered = (engine ? JSON.parse(engine.body.toString()).items : []) as unknown[]
  const error = {
    type: status === 429 ? 'rejected_execution_exception' : 'unavailable_shards_exception',
    reason: 'injected',
  }
  const merged = items.map((_, at) => (at % every === 0 ? { index: { status, error } } : answered.shift()))
  say(answer, { items: merged })
}

function say(answer: ServerResponse, body: object): void {
  answer.setHeader('content-type', 'application/json').end(JSON.stringify(body))
}

function refuse(answer: ServerResponse, status: number): void {
  if (status === 429) {
    const error = { type: 'rejected_execution_exception', reason: 'injected' }
    answer.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify({ error, status: 429 }))
  } else answer.writeHead(status, { 'content-type': 'text/html' }).end('<html>injected by a proxy</html>')
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
