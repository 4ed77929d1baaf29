/** HTML that may go into a page as it is. */
export class Markup {
  readonly html: string

  constructor(html: string) {
    this.html = html
  }
}

export type Piece = Markup | string | number | undefined | null | false | readonly Piece[]

/** A template whose pieces are escaped, unless they are markup themselves. Put attribute values in double quotes. */
export function html(words: TemplateStringsArray, ...pieces: Piece[]): Markup {
  return new Markup(words.reduce((before, word, i) => before + written(pieces[i - 1]) + word))
}

function written(piece: Piece): string {
  if (piece instanceof Markup) return piece.html
  if (piece === undefined || piece === null || piece === false) return ''
  if (typeof piece === 'object') return piece.map(written).join('')
  return escaped(String(piece))
}

const escaped = (text: string): string => text.replaceAll(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** Text in which backquotes mark `code`. */
export function withCode(text: string): Markup {
  return html`${text.split('`').map((part, i) => (i % 2 === 0 ? part : html`<code>${part}</code>`))}`
}
