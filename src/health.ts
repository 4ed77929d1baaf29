import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TrifoldError } from './errors.ts'
import { LoopDelay } from './health/loop-delay.ts'
import { type Metrics, openMetrics } from './health/metrics.ts'
import { Readiness } from './health/readiness.ts'
import type { Observe } from './observe.ts'
import type { Toolkit } from './toolkit.ts'

/** Where a process answers probes. */
export interface HealthAddress {
  host: string
  /** 0 for a free one. */
  port: number
}

/** A listener for `/metrics`, `/health` and `/ready`. */
export interface Health {
  /** `http://127.0.0.1:9464` */
  address: string
  /** Is to be told what the process observes. */
  observe: Observe
  close(): Promise<void>
}

/**
 * Answers `/metrics` (Prometheus), `/health` (this process goes on) and `/ready` (its engines answer, and a worker keeps what
 * it can keep): 200, or 503 with the reasons as JSON. It has a separate port, so that what it says reaches no client of an API.
 *
 * @throws HEALTH_INVALID if it cannot listen; PACKAGE_MISSING
 */
export async function startHealth(toolkit: Toolkit, { host, port }: HealthAddress): Promise<Health> {
  const metrics = await openMetrics(toolkit)
  const loop = new LoopDelay()
  const readiness = new Readiness(toolkit, loop)
  const server = createServer((request, response) => {
    answer({ metrics, loop, readiness }, request, response).catch((error: Error) => send(response, 500, error.message))
  })
  await listen(server, host, port)
  const { port: taken } = server.address() as AddressInfo
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    observe(observation) {
      metrics.observe(observation)
      readiness.observe(observation)
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      loop.close()
      await readiness.close()
    },
  }
}

interface Parts {
  metrics: Metrics
  loop: LoopDelay
  readiness: Readiness
}

async function answer(parts: Parts, { method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path] = url.split('?')
  if (method !== 'GET' && method !== 'HEAD') return send(response, 405, 'only GET is answered')
  if (path === '/metrics') return send(response, 200, await parts.metrics.text(), parts.metrics.contentType)
  if (path === '/health') return sendReport(response, parts.loop.report())
  if (path === '/ready') return sendReport(response, await parts.readiness.report())
  send(response, 404, 'there are /metrics, /health and /ready')
}

const sendReport = (response: ServerResponse, report: { ok: boolean }): void =>
  send(response, report.ok ? 200 : 503, JSON.stringify(report), 'application/json')

function send(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `health: cannot listen on ${host}:${port} (${cause.message}); choose another --health`
      reject(new TrifoldError('HEALTH_INVALID', message, { cause }))
    })
    server.listen(port, host, resolve)
  })
}
