import { Assets, type Layout as FrameOf, PageFrame } from '@trifold/pages'

/** Styles, scripts and the mark. */
export const assets = new Assets(new URL('../../public/', import.meta.url), {
  styles: ['search.css', 'filters.css', 'answer.css', 'rows.css', 'days.css', 'narrow.css'],
  scripts: ['explorer.js', 'brush.js', 'suggest.js'],
})

/** The frame of every page of the explorer. */
export const Layout: FrameOf = (frame) => <PageFrame {...frame} brand="Trifold, all read models" assets={assets} />
