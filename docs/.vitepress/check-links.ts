import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'

interface Page {
  links: string[]
  anchors: Set<string>
}

/**
 * Looks whether every link inside the built site leads to a page that is there, and to an anchor that this page has.
 *
 * @param folder the built site
 * @throws Error with every link that does not
 */
export async function checkLinks(folder: string): Promise<void> {
  const pages = await readPages(folder)
  const broken = [...pages].flatMap(([path, { links }]) =>
    links.filter((link) => !leadsSomewhere(link, path, pages)).map((link) => `${path}: ${link}`),
  )
  if (broken.length > 0) throw new Error(`links of the site lead nowhere:\n${broken.join('\n')}`)
}

async function readPages(folder: string): Promise<Map<string, Page>> {
  const files = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.html'))
  const entries = files.map(async (path) => [path, pageOf(await readFile(join(folder, path), 'utf8'))] as const)
  return new Map(await Promise.all(entries))
}

function pageOf(html: string): Page {
  return {
    links: [...html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map(([, href]) =>
      (href as string).replaceAll('&amp;', '&'),
    ),
    anchors: new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id as string)),
  }
}

function leadsSomewhere(link: string, from: string, pages: Map<string, Page>): boolean {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return true
  const [path = '', anchor] = decodeURI(link).split('#')
  const page = pages.get(path === '' ? from : fileOf(path, from))
  return page !== undefined && (!anchor || page.anchors.has(anchor))
}

function fileOf(path: string, from: string): string {
  const file = normalize(path.startsWith('/') ? path.slice(1) : join(dirname(from), path))
  return file === '.' || file === '' || file.endsWith('/') ? join(file, 'index.html') : file
}
