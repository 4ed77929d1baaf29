import { defineConfig } from 'vitepress'
import { anchorOf } from './anchor.ts'
import { checkLinks } from './check-links.ts'
import { repositoryLinks } from './links.ts'
import { copies, gatherPages } from './pages.ts'
import { sidebar } from './sidebar.ts'

gatherPages()

export default defineConfig({
  title: 'Trifold',
  description: 'One read model, three ways to materialize it, on PostgreSQL and OpenSearch.',
  lang: 'en',
  rewrites: { [`${copies}/:page`]: ':page' },
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    anchor: { slugify: anchorOf },
    config: repositoryLinks,
    theme: { light: 'github-light', dark: 'github-dark' },
  },
  buildEnd: ({ outDir }) => checkLinks(outDir),
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/start', activeMatch: '^/(start|choosing|handlers|queries|http|consistency)' },
      { text: 'Comparing', link: '/comparing' },
      { text: 'Operations', link: '/operations' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
      { text: 'Changes', link: '/changelog' },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local' },
    footer: { message: 'Licence: Apache-2.0' },
  },
})
