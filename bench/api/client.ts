import { Agent, request } from 'node:http'
import { type Child, startChild } from '../child.ts'
import type { Listening, Served } from './server-process.ts'

/** Asks a server of the API over connections that stay open. */
export interface ApiClient {
  /** @param path such as `find` @throws if the answer is no 200 */
  ask<Answer>(readModel: string, path: string, body: object): Promise<Answer>
  close(): Promise<void>
}

/** Starts a server in a separate process, and a client of it. */
export async function openApi(served: Served): Promise<ApiClient> {
  const child: Child = startChild(new URL('./server-process.js', import.meta.url), served)
  const { port } = await child.ask<Listening>({})
  const agent = new Agent({ keepAlive: true })
  return {
    ask: async (readModel, path, body) =>
      JSON.parse(await post(agent, port, `/read-models/${readModel}/${path}`, JSON.stringify(body))),
    async close() {
      agent.destroy()
      await child.close()
    },
  }
}

function post(agent: Agent, port: number, path: string, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const asked = request({ agent, host: '127.0.0.1', port, path, method: 'POST', headers }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString()
        if (answer.statusCode === 200) resolve(text)
        else reject(new Error(`${path} was answered with ${answer.statusCode}: ${text}`))
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
