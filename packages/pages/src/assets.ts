import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

interface Asset {
  name: string
  type: string
  content: Buffer
}

/** What pages have of their own beside what all pages have. */
export interface AssetNames {
  /** After the common ones, in this order. */
  styles: readonly string[]
  /** The first one is loaded, and imports the others. */
  scripts: readonly [string, ...string[]]
}

const common = new URL('../public/', import.meta.url)
const commonStyles = ['base.css', 'menu.css', 'table.css', 'chart.css']

/** The files to which pages refer. */
export class Assets {
  /** Their paths below the pages. */
  readonly styles: readonly string[]
  readonly script: string
  readonly mark: string
  private readonly files: readonly Asset[]
  private readonly version: string

  /** @param folder where the files are that these pages alone have */
  constructor(folder: URL, { styles, scripts }: AssetNames) {
    this.files = [
      ...filesIn(common, [...commonStyles, 'focus.js', 'mark.svg']),
      ...filesIn(folder, [...styles, ...scripts]),
    ]
    // Of all of them, so that a file finds the others of its version beside it.
    const hash = this.files.reduce((sum, { content }) => sum.update(content), createHash('sha256'))
    this.version = hash.digest('hex').slice(0, 12)
    this.styles = [...commonStyles, ...styles].map((name) => this.pathOf(name))
    this.script = this.pathOf(scripts[0])
    this.mark = this.pathOf('mark.svg')
  }

  /** Routes them. They are the same for everybody, and browsers keep them: what changes has another address. */
  route(app: FastifyInstance): void {
    for (const { name, type, content } of this.files)
      app.get(this.pathOf(name), (_request, reply) =>
        reply
          .headers({ 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff' })
          .type(type)
          .send(content),
      )
  }

  private pathOf(name: string): string {
    return `/-/assets/${this.version}/${name}`
  }
}

const filesIn = (folder: URL, names: readonly string[]): Asset[] =>
  names.map((name) => ({
    name,
    type: types[name.split('.').at(-1) as string] as string,
    content: readFileSync(new URL(name, folder)),
  }))
