import { Agent, request } from 'node:http'
import type { Client } from '@opensearch-project/opensearch'
import { readDocuments } from '../../src/materializers/search/documents.ts'

/** What is known to go in fastest here: documents of this size, so many in a request, so many requests at once. */
const documentsPerRequest = 5_000
const inFlight = 3

/** The bodies of bulk requests that write the documents of `index` with the keys 1 to `count`, without versions. */
export async function bulkBodies(client: Client, index: string, count: number): Promise<Buffer[]> {
  const bodies: Buffer[] = []
  for (let from = 1; from <= count; from += documentsPerRequest) {
    const length = Math.min(documentsPerRequest, count - from + 1)
    const ids = Array.from({ length }, (_, place) => String(from + place))
    const documents = await readDocuments(client, index, ids)
    const lines = ids.map((id) => `{"index":{"_id":"${id}"}}\n${sourceOf(documents.get(id))}\n`)
    bodies.push(Buffer.from(lines.join('')))
  }
  return bodies
}

function sourceOf(document: { number: bigint; source: object } | undefined): string {
  if (!document) throw new Error('the backlog has left out a document')
  return JSON.stringify({ ...document.source, _number: Number(document.number) })
}

/** Sends the bodies to `index`, by plain HTTP. Returns the seconds until all are searchable. */
export async function sendBodies(url: string, index: string, bodies: readonly Buffer[]): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
  const began = performance.now()
  let next = 0
  const lane = async () => {
    for (let body = bodies[next++]; body; body = bodies[next++]) {
      await post(agent, `${url}/${index}/_bulk?filter_path=errors`, body)
    }
  }
  try {
    await Promise.all(Array.from({ length: inFlight }, lane))
    await post(agent, `${url}/${index}/_refresh`)
    return (performance.now() - began) / 1000
  } finally {
    agent.destroy()
  }
}

function post(agent: Agent, url: string, body?: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson', 'content-length': body?.length ?? 0 }
  return new Promise((resolve, reject) => {
    const sending = request(url, { agent, method: 'POST', headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => {
        if (answer.statusCode === 200 && !text.includes('"errors":true')) resolve()
        else reject(new Error(`a request failed: ${text}`))
      })
    })
    sending.on('error', reject)
    sending.end(body)
  })
}
