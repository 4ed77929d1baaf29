import { html, type Markup, type Piece } from './markup.ts'

export interface Row {
  head: Piece
  /** The figure's path that the row stands for, so that it can be linked to. */
  place?: string
  cells: readonly Piece[]
  /** Instead of cells: words over the whole row. */
  wide?: Piece
}

export interface DataTable {
  /** What it shows, in a few words. */
  title: string
  note?: Piece
  columns: readonly Piece[]
  rows: readonly Row[]
}

/** A table of figures: it scrolls by itself where the page is narrow. */
export function dataTable({ title, note, columns, rows }: DataTable): Markup {
  const [corner, ...others] = columns
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${title}">
<table><caption><b>${title}</b>${note && html` ${note}`}</caption>
<thead><tr><th scope="col">${corner}</th>${others.map((one) => html`<th scope="col" class="number">${one}</th>`)}</tr></thead>
<tbody>${rows.map((row) => bodyRow(row, others.length))}</tbody></table></div>`
}

function bodyRow({ head, place, cells, wide }: Row, width: number): Markup {
  const id = place === undefined ? undefined : html` id="at-${place}"`
  const body = wide
    ? html`<td class="words" colspan="${width}">${wide}</td>`
    : cells.map((cell) => html`<td class="number">${cell}</td>`)
  return html`<tr${id}><th scope="row">${head}</th>${body}</tr>
`
}
