import type { MarkdownRenderer } from 'vitepress'
import { addressOf, sourceOf } from './pages.ts'

type Token = ReturnType<MarkdownRenderer['parse']>[number]

/**
 * A plugin of the Markdown renderer: relative links lead from file to file, as on any host of the repository. Here they are
 * made to lead from page to page; a link to a file that is no page, such as a source file, becomes its plain text.
 */
export function repositoryLinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('repository-links', ({ tokens, env }) => {
    const from = sourceOf(env.realPath ?? env.path)
    for (const { children } of tokens) followLinks(children ?? [], from)
  })
}

function followLinks(tokens: Token[], from: string): void {
  const open: Token[] = []
  for (const token of tokens) {
    if (token.type === 'link_open') {
      open.push(token)
      const href = String(token.attrGet('href'))
      if (!isRelative(href)) continue
      const address = addressOf(href, from)
      if (address) token.attrSet('href', address)
      else asSpan(token)
    } else if (token.type === 'link_close' && open.pop()?.tag === 'span') token.tag = 'span'
  }
}

function asSpan(token: Token): void {
  token.type = 'file_open'
  token.tag = 'span'
  token.attrs = [['title', `${token.attrGet('href')} in the repository`]]
}

const isRelative = (href: string): boolean => !/^(#|\/|[a-z][a-z0-9+.-]*:)/i.test(href)
