import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' } as const

const asset = (name: string, extension: keyof typeof types) => {
  const content = readFileSync(new URL(`./public/${name}.${extension}`, import.meta.url))
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  return { content, type: types[extension], href: `/assets/${name}-${hash}.${extension}` }
}

const style = asset('shop', 'css')
const script = asset('shop', 'js')
const mark = asset('mark', 'svg')

/** The addresses of the files that pages refer to. They change with the content, so browsers may keep them for ever. */
export const assets = { style: style.href, script: script.href, mark: mark.href }

export function assetRoutes(app: FastifyInstance): void {
  for (const { href, type, content } of [style, script, mark]) {
    app.get(href, (_request, reply) =>
      reply.header('cache-control', 'public, max-age=31536000, immutable').type(type).send(content),
    )
  }
}
