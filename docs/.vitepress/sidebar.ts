import { existsSync, readFileSync } from 'node:fs'
import type { DefaultTheme } from 'vitepress'

const page = (text: string, link: string): DefaultTheme.SidebarItem => ({ text, link })

const guide: DefaultTheme.SidebarItem[] = [
  {
    text: 'Begin',
    items: [
      page('Start in five minutes', '/start'),
      page('Choosing a strategy', '/choosing'),
      page('When not to', '/when-not'),
    ],
  },
  {
    text: 'Write and read',
    items: [
      page('Handlers', '/handlers'),
      page('Queries', '/queries'),
      page('Tools that read SQL', '/tools'),
      page('HTTP', '/http'),
      page('Explorer', '/explorer'),
      page('Types', '/types'),
      page('Consistency', '/consistency'),
      page('Testing your handlers', '/testing'),
      page('ORMs', '/adapters'),
      page('Brokers', '/broker'),
    ],
  },
  {
    text: 'Measure',
    items: [page('Comparing', '/comparing'), page('Figures', '/figures')],
  },
  {
    text: 'Run',
    items: [
      page('Operations', '/operations'),
      page('Console', '/console'),
      page('History and costs', '/watching'),
      page('Error codes', '/errors'),
      page('Configuration', '/readme#configuration'),
      page('Commands', '/readme#commands'),
    ],
  },
  {
    text: 'Behind it',
    items: [
      page('Design', '/design'),
      page('The example shop', '/shop'),
      page('README', '/readme'),
      page('Contributing', '/contributing'),
      page('Changes', '/changelog'),
    ],
  },
]

/** The sidebar of the guide, and that of the API reference, which TypeDoc writes beside its pages. */
export function sidebar(): DefaultTheme.SidebarMulti {
  const generated = new URL('../api/typedoc-sidebar.json', import.meta.url)
  if (!existsSync(generated)) throw new Error('the API reference is missing; run `npm run --prefix docs api` first')
  return { '/api/': JSON.parse(readFileSync(generated, 'utf8')), '/': guide }
}
