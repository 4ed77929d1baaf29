import { Agent, request } from 'node:http'
import type { Client } from '@opensearch-project/opensearch'
import type { Definition } from '../../src/definition.ts'
import { createIndex } from '../../src/materializers/search/index-admin.ts'
import { indexBody, indexColumns } from '../../src/materializers/search/mapping.ts'

/** Requests under way at once, as the materializer has them. */
const inFlight = 3

/** Sends bulk requests to a separate index, by plain HTTP. Returns the seconds until all is searchable. */
export async function sendAlone(
  client: Client,
  url: string,
  definition: Definition,
  bodies: readonly Buffer[],
): Promise<number> {
  const index = 'bench-ceiling'
  await createIndex(client, index, indexBody(indexColumns(definition)))
  try {
    return await sendBodies(url, index, bodies)
  } finally {
    await client.indices.delete({ index })
  }
}

async function sendBodies(url: string, index: string, bodies: readonly Buffer[]): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
  const began = performance.now()
  let next = 0
  const lane = async () => {
    for (let body = bodies[next++]; body; body = bodies[next++]) {
      await post(agent, `${url}/${index}/_bulk?filter_path=took`, body)
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
      answer.resume()
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve()
        else reject(new Error(`a request failed with status ${answer.statusCode}`))
      })
    })
    sending.on('error', reject)
    sending.end(body)
  })
}
