import { Assets, type Layout as FrameOf, PageFrame } from '@trifold/pages'
import type { ComponentChildren } from 'preact'
import type { Viewer } from './viewer.ts'

/** Styles, scripts and the mark. */
export const assets = new Assets(new URL('../../public/', import.meta.url), {
  styles: ['console.css', 'targets.css', 'past.css'],
  scripts: ['console.js'],
})

/** The frame of every page of the console. */
export const Layout: FrameOf = (frame) => <PageFrame {...frame} brand="Trifold, all targets" assets={assets} />

const pages = { '/': 'Now', '/feed': 'Feed', '/night': 'Night', '/audit': 'Audit' } as const

/** The path of a page that the head leads to. */
export type MainPage = keyof typeof pages

interface Props {
  viewer: Viewer
  title: string
  /** Which one of the head's pages this is. */
  page?: MainPage
  /** After how many seconds the script looks again; default 5. */
  seconds?: number
  /** Whether it stays as it is, so that what is typed stays too. */
  isStill?: boolean
  children: ComponentChildren
}

/** A page. If it is not still it follows what happens: the script exchanges what is in `#live`. */
export const ConsolePage = ({ viewer, title, page, seconds = 5, isStill, children }: Props) => (
  <Layout
    title={`${title} · Trifold`}
    home={viewer.home}
    isSignedIn={viewer.isSignedIn}
    head={<Tabs {...{ viewer, page }} />}
  >
    <main id="answer" tabindex={-1}>
      <p id="lost" class="lost" role="status" />
      <div id={isStill ? undefined : 'live'} data-seconds={seconds}>
        {children}
        <footer class="seen">
          <span>
            {viewer.key === undefined
              ? 'Without keys this only shows; who acts needs a key.'
              : `${viewer.key}, ${viewer.canAct ? 'operator' : 'reader'}`}
          </span>
          <span>times in {viewer.timeZone}</span>
        </footer>
      </div>
    </main>
  </Layout>
)

const Tabs = ({ viewer: { home, explorer }, page }: Pick<Props, 'viewer' | 'page'>) => (
  <nav class="tabs" aria-label="Pages">
    {Object.entries(pages).map(([path, name]) => (
      <a href={home + path} aria-current={path === page ? 'page' : undefined}>
        {name}
      </a>
    ))}
    {explorer !== undefined && <a href={explorer}>Explore</a>}
  </nav>
)
