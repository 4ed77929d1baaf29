import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { anchorOf } from './anchor.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Pages that stand elsewhere in the repository, with their names in the site. */
const outsideOfDocs: Record<string, string> = {
  'README.md': 'readme.md',
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'examples/shop/README.md': 'shop.md',
  'examples/adapters/README.md': 'adapters.md',
}

/** Those whose linked sources are shown below their text: on a host of the repository they are a click away. */
const withSources = ['examples/adapters/README.md']

/** The folder for their copies, inside that of the site: VitePress looks nowhere else, and git ignores it. */
export const copies = 'repository'

/** Copies the pages that stand elsewhere. */
export function gatherPages(): void {
  mkdirSync(join(repository, 'docs', copies), { recursive: true })
  for (const [path, page] of Object.entries(outsideOfDocs)) {
    writeFileSync(join(repository, 'docs', copies, page), pageText(path))
  }
}

function pageText(path: string): string {
  const text = readFileSync(join(repository, path), 'utf8')
  if (!withSources.includes(path)) return text
  const sources = new Set([...text.matchAll(/\]\(([\w/-]+\.ts)\)/g)].map(([, source]) => source as string))
  return text + [...sources].map((source) => shownSource(join(dirname(path), source))).join('')
}

const shownSource = (path: string): string =>
  `\n## ${basename(path)}\n\n\`\`\`ts\n${readFileSync(join(repository, path), 'utf8')}\`\`\`\n`

/** The path in the repository of a page that VitePress has read from `file`. */
export function sourceOf(file: string): string {
  const path = relative(repository, file)
  const isCopyOf = ([, page]: [string, string]) => path === join('docs', copies, page)
  return Object.entries(outsideOfDocs).find(isCopyOf)?.[0] ?? path
}

/**
 * Where a relative link of a Markdown file leads in the site.
 *
 * @param from the file's path in the repository
 * @returns the address in the site, or undefined for a file of the repository that the site does not have
 * @throws Error where there is no such file
 */
export function addressOf(link: string, from: string): string | undefined {
  const [path = '', anchor] = link.split('#')
  const target = join(dirname(from), decodeURI(path))
  if (!existsSync(join(repository, target))) throw new Error(`${from}: the link ${link} leads nowhere`)
  const page = pageOf(target)
  return page ? `/${page}${anchor === undefined ? '' : `#${anchor}`}` : shownAt(target, from)
}

function pageOf(path: string): string | undefined {
  if (path.startsWith('docs/') && path.endsWith('.md')) return path.slice('docs/'.length)
  return outsideOfDocs[path]
}

/** The place of a source on the page that shows it. */
function shownAt(path: string, from: string): string | undefined {
  if (!withSources.includes(from) || !path.endsWith('.ts')) return undefined
  return `/${outsideOfDocs[from]}#${anchorOf(basename(path))}`
}
