import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ExportFormat, ExportOptions, ExportRequest, RowExport } from 'trifold'
import { openExport } from 'trifold/internal/export'
import { addressOf } from 'trifold/internal/query'
import { targetNamed } from 'trifold/internal/target'
import type { Api, Named } from './context.ts'
import { grantOf } from './granted.ts'
import { exceeded, withinWait } from './limits.ts'
import { fitting } from './reads.ts'
import { type Asked, checkParameters, invalid, jsonOf, parametersOf } from './request-json.ts'
import { sayToken, withToken } from './token.ts'

export const mediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
}

/** Routes the export, as GET and POST. */
export function routeExports(app: FastifyInstance, api: Api): void {
  const running = new Set<FastifyRequest>()
  const handler = (request: FastifyRequest, reply: FastifyReply) => answer(api, running, request, reply)
  const url = '/read-models/:name/export'
  app.route({ method: ['GET', 'POST'], url, exposeHeadRoute: false, bodyLimit: api.limits.body, handler })
}

async function answer(
  api: Api,
  running: Set<FastifyRequest>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { name } = request.params as Named
  const grant = grantOf(request.caller, name)
  checkParameters(request, ['format', 'raw', ...(request.method === 'GET' ? ['request'] : [])])
  const { format, raw } = optionsOf(request)
  const { target, asked } = askedOf(api, name, request)
  const most = api.limits.exports
  if (running.size >= most) throw exceeded('exports', most, `${running.size} exports run; try again`)
  const gone = new AbortController()
  reply.raw.once('close', () => {
    running.delete(request)
    gone.abort(new Error('the client has gone'))
  })
  running.add(request)
  const options = { format, raw, signal: gone.signal, ...(grant !== 'all' && { restriction: grant }) }
  const opening = openExport(api.toolkit, target, asked as ExportRequest, options)
  const exported = await fitting(api, request, name, opening)
  const rows = await begun(exported)
  reply.raw.setTimeout(api.limits.idle, () => reply.raw.destroy())
  return send(reply, name, exported, rows, asked)
}

/** The request to one target, and the library's own name for that. */
function askedOf({ limits }: Api, name: string, request: FastifyRequest): { target: string; asked: Asked } {
  const { from, ...asked } = withinWait(withToken(request, jsonOf(request, limits)), limits)
  const { from: store } = addressOf('find', from === undefined ? {} : { from })
  return { target: store === undefined ? name : targetNamed(name, store), asked }
}

function optionsOf(request: FastifyRequest): Required<Pick<ExportOptions, 'format' | 'raw'>> {
  const { format = 'csv', raw = 'false' } = parametersOf(request)
  if (!Object.hasOwn(mediaTypes, format))
    throw invalid(
      `\`format\` is ${JSON.stringify(format.slice(0, 60))}; it takes ${Object.keys(mediaTypes).join(', ')}`,
    )
  if (raw !== 'true' && raw !== 'false') throw invalid('`raw` takes true or false')
  return { format: format as ExportFormat, raw: raw === 'true' }
}

type Begun = { first: IteratorResult<Uint8Array>; rest: AsyncIterator<Uint8Array> }

/** With its first bytes, so that what fails at once is answered with a status. */
async function begun(exported: RowExport): Promise<Begun> {
  const rest = exported[Symbol.asyncIterator]()
  return { first: await rest.next(), rest }
}

/** All rows, or a connection that breaks: the number of rows is in a trailer. */
function send(reply: FastifyReply, name: string, exported: RowExport, begun: Begun, asked: Asked): FastifyReply {
  sayToken(reply, asked)
  return reply
    .type(mediaTypes[exported.format])
    .headers({
      'content-disposition': `attachment; filename="${name}.${exported.format}"`,
      'cache-control': 'no-store',
      'trifold-target': exported.target,
      'trifold-as-of': exported.asOf,
      'trifold-snapshot': exported.snapshot,
      'trifold-degraded': String(exported.degraded),
    })
    .trailer('trifold-rows', async () => String(exported.rows))
    .send(Readable.from(chunksOf(begun), { objectMode: false, highWaterMark: 2 ** 16 }))
}

async function* chunksOf({ first, rest }: Begun): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}
