import { html, type Markup, type Piece } from './markup.ts'

export interface Row {
  head: Piece
  /** The figure's path that the row represents, so that it can be linked to. */
  place?: string
  cells: readonly Piece[]
  /** Instead of cells: words over the whole row. */
  wide?: Piece
}

/** The head of a column of figures, or of one of words. */
export type Column = Piece | { words: string }

export interface DataTable {
  /** What it shows, in a few words. */
  title: string
  note?: Piece
  columns: readonly Column[]
  rows: readonly Row[]
}

/** A table of figures: it scrolls by itself if the page is narrow. */
export function dataTable({ title, note, columns, rows }: DataTable): Markup {
  const [corner, ...others] = columns.map(columnHead)
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${title}">
<table><caption><b>${title}</b>${note && html` ${note}`}</caption>
<thead><tr>${corner}${others}</tr></thead>
<tbody>${rows.map((row) => bodyRow(row, columns))}</tbody></table></div>`
}

const isOfWords = (column: Column | undefined): column is { words: string } =>
  typeof column === 'object' && column !== null && 'words' in column

function columnHead(column: Column, place: number): Markup {
  if (isOfWords(column)) return html`<th scope="col">${column.words}</th>`
  return html`<th scope="col"${place > 0 && html` class="number"`}>${column}</th>`
}

function bodyRow({ head, place, cells, wide }: Row, columns: readonly Column[]): Markup {
  const id = place === undefined ? undefined : html` id="at-${place}"`
  const body = wide
    ? html`<td class="words" colspan="${columns.length - 1}">${wide}</td>`
    : cells.map((cell, i) => html`<td class="${isOfWords(columns[i + 1]) ? 'words' : 'number'}">${cell}</td>`)
  return html`<tr${id}><th scope="row">${head}</th>${body}</tr>
`
}
