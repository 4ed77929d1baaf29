import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

const styles = ['base.css', 'filters.css', 'answer.css', 'table.css', 'chart.css', 'narrow.css']
const scripts = ['explorer.js', 'focus.js', 'brush.js', 'suggest.js']

const files = [...styles, ...scripts, 'mark.svg'].map((name) => ({
  name,
  type: types[name.split('.').at(-1) as string] as string,
  content: readFileSync(new URL(`../public/${name}`, import.meta.url)),
}))

/** Of all of them, so that a file finds the others of its version beside it. */
const version = files
  .reduce((hash, { content }) => hash.update(content), createHash('sha256'))
  .digest('hex')
  .slice(0, 12)

const pathOf = (name: string): string => `/-/assets/${version}/${name}`

/** Where the files are to which pages refer. */
export const assets = { styles: styles.map(pathOf), script: pathOf('explorer.js'), mark: pathOf('mark.svg') }

/** Routes them. They are the same for everybody, and browsers keep them: what changes has another address. */
export function routeAssets(app: FastifyInstance): void {
  for (const { name, type, content } of files)
    app.get(pathOf(name), (_request, reply) =>
      reply
        .headers({ 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff' })
        .type(type)
        .send(content),
    )
}
