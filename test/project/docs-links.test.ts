import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { anchorOf } from '../../docs/.vitepress/anchor.ts'
import { checkLinks } from '../../docs/.vitepress/check-links.ts'
import { addressOf } from '../../docs/.vitepress/pages.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trifold-site-'))
  await page('guide/index.html', '<h1 id="top">Guide</h1><a class="x" href="../start.html#first">first</a>')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('accepts a site whose links all lead to a page and to an anchor of it', async () => {
  await page(
    'start.html',
    '<h2 id="first">First</h2><a href="/guide/">guide</a><a href="/guide/index.html#top">top</a><a href="#first">here</a>' +
      '<a href="https://example.org/#any">elsewhere</a>',
  )
  await checkLinks(folder)
})

it('names every link that leads to no page, or to an anchor that its page lacks', async () => {
  await page('start.html', '<h2 id="first">First</h2><a href="/gone.html">gone</a><a href="/guide/#bottom">bottom</a>')
  await expect(checkLinks(folder)).rejects.toThrow('start.html: /gone.html\nstart.html: /guide/#bottom')
})

it('leads from file to file in the repository, and from page to page in the site', () => {
  expect(addressOf('../README.md#commands', 'docs/start.md')).toBe('/readme.md#commands')
  expect(addressOf('docs/start.md', 'README.md')).toBe('/start.md')
  expect(addressOf('../src/index.ts', 'docs/design.md')).toBeUndefined()
  expect(addressOf('pg.ts', 'examples/adapters/README.md')).toBe('/adapters.md#pgts')
  expect(() => addressOf('gone.md', 'docs/start.md')).toThrow('docs/start.md: the link gone.md leads nowhere')
})

it('makes the anchor of a heading as hosts of repositories do', () => {
  expect(anchorOf('Today\'s sales": old is fine, `half` is not')).toBe('todays-sales-old-is-fine-half-is-not')
})

async function page(path: string, html: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), html)
}
