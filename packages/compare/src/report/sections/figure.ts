import { html, type Markup, type Piece } from '../markup.ts'

/** A drawing with its caption. */
export function figure(title: Piece, note: Piece, drawing: Piece, width: 'wide' | 'half' = 'half'): Markup {
  return html`<figure class="${width}"><figcaption><b>${title}</b> ${note}</figcaption>${drawing}</figure>`
}
