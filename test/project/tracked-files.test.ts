import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, it } from 'vitest'
import { anchorOf } from '../../docs/.vitepress/anchor.ts'
import { repository, textOf, trackedFiles } from './repository.ts'

const files = trackedFiles().filter((path) => existsSync(join(repository, path)))
const pages = files.filter((path) => path.endsWith('.md'))

/** `file:line: text` of every line that matches. */
function linesWith(pattern: RegExp, paths = files): string[] {
  return paths.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, place) => (pattern.test(line) ? [`${path}:${place + 1}: ${line.trim().slice(0, 120)}`] : [])),
  )
}

it('names no host of a package registry', () => {
  expect(linesWith(/https?:\/\/(registry|repo\d*|files|proxy|deb|security)\.|"resolved": "\w+:/)).toEqual([])
})

it('names no folder of the machine it was written on', () => {
  expect(linesWith(/(^|[\s"'`=(])\/(?:work|root)(\/|$)/)).toEqual([])
})

it('has no built, fetched or temporary file under version control', () => {
  expect(
    files.filter((path) => /(^|\/)(dist|node_modules|coverage)\/|\.(tgz|log|pid|orig|rej|zip|gz)$/.test(path)),
  ).toEqual([])
})

it('leaves nothing to be done in the sources', () => {
  const sources = files.filter((path) => /^(src|examples|bench|tools|migrations|views)\//.test(path))
  expect(linesWith(/\b(TODO|FIXME|XXX|HACK)\b|not implemented/i, sources)).toEqual([])
})

it.each(pages)('has no broken link in %s', (page) => {
  const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string)
  expect(links.filter((link) => !/^https?:/.test(link) && !resolves(page, link))).toEqual([])
})

function resolves(page: string, link: string): boolean {
  const [path, anchor] = link.split('#') as [string, string | undefined]
  const target = path === '' ? page : normalize(join(dirname(page), path))
  if (!files.includes(target)) return false
  return anchor === undefined || headings(target).includes(anchor)
}

/** The anchors of a page's headings; what looks like one in a code block is none. */
const headings = (page: string): string[] =>
  [
    ...textOf(page)
      .replaceAll(/^```.*?^```/gms, '')
      .matchAll(/^#+ (.+)$/gm),
  ].map(([, heading]) => anchorOf(heading as string))
