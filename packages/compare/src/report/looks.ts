import type { Answerer } from '../comparison.ts'
import { html, type Markup } from './markup.ts'

/** How an answerer is drawn: never told by its colour alone. */
export interface Look {
  color: string
  /** Of its lines; undefined if they are solid. */
  dash: string | undefined
  symbol: 'circle' | 'square' | 'triangle' | 'diamond'
}

export const looks: Record<Answerer, Look> = {
  table: { color: 'var(--table)', dash: undefined, symbol: 'circle' },
  view: { color: 'var(--view)', dash: '7 3', symbol: 'square' },
  search: { color: 'var(--search)', dash: '2 3', symbol: 'triangle' },
  definition: { color: 'var(--definition)', dash: '9 3 2 3', symbol: 'diamond' },
}

const shapes: Record<Look['symbol'], string> = {
  circle: 'M14 2a4 4 0 1 1 0 8a4 4 0 1 1 0-8z',
  square: 'M10.5 2.5h7v7h-7z',
  triangle: 'M14 1.5l4.5 8h-9z',
  diamond: 'M14 1l4.5 5l-4.5 5l-4.5-5z',
}

/** The line and the marker of an answerer, before its name. */
function sign(by: Answerer): Markup {
  const { color, dash, symbol } = looks[by]
  return html`<svg class="sign" viewBox="0 0 28 12" width="28" height="12" aria-hidden="true"><path d="M0 6h28" stroke="${color}" stroke-width="2" stroke-dasharray="${dash ?? 'none'}"/><path d="${shapes[symbol]}" fill="${color}"/></svg>`
}

/** An answerer as it is named everywhere in the page. */
export const named = (by: Answerer, name: string = by): Markup => html`<span class="name">${sign(by)} ${name}</span>`

export const key = (answerers: readonly Answerer[]): Markup =>
  html`<p class="key">${answerers.map((by) => named(by))}</p>`
