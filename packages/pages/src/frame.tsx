import type { ComponentChildren, VNode } from 'preact'
import type { Assets } from './assets.ts'

/** The frame of every page. */
export interface Frame {
  title: string
  /** Where these pages begin. */
  home: string
  /** What stands there. */
  brand: string
  assets: Assets
  /** Whether the reader has signed in, and can sign out. */
  isSignedIn?: boolean
  /** What stands in the head of the page, beside its name. */
  head?: ComponentChildren
  children: ComponentChildren
}

/** The frame, for pages that all have the same brand and files. */
export type Layout = (frame: Omit<Frame, 'assets' | 'brand'>) => VNode

export const PageFrame = ({ title, home, brand, assets, isSignedIn, head, children }: Frame) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{title}</title>
      <link rel="icon" href={home + assets.mark} type="image/svg+xml" />
      {assets.styles.map((style) => (
        <link rel="stylesheet" href={home + style} />
      ))}
      <script type="module" src={home + assets.script} />
    </head>
    <body>
      <a class="skip" href="#answer">
        To the answer
      </a>
      <header class="head">
        <a class="brand" href={home} aria-label={brand}>
          <img src={home + assets.mark} width="22" height="22" alt="" />
          <span>Trifold</span>
        </a>
        {head}
        {isSignedIn && (
          <form method="post" action={`${home}/-/sign-out`} class="leave">
            <button type="submit" class="quiet">
              Sign out
            </button>
          </form>
        )}
      </header>
      {children}
    </body>
  </html>
)
