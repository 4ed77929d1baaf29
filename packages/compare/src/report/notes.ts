import { html, type Markup } from './markup.ts'

/** What is to be said below a table of some of its cells: each note once, under a letter. */
export class Notes {
  private readonly texts: string[] = []

  /** The letter of a note, to put beside a figure; nothing without a note. */
  mark(text: string | undefined): Markup | undefined {
    if (!text) return undefined
    if (!this.texts.includes(text)) this.texts.push(text)
    return html`<sup title="${text}">${letter(this.texts.indexOf(text))}</sup>`
  }

  /** Asked for when the table is written: what is marked later is not in it. */
  list(): Markup | undefined {
    if (this.texts.length === 0) return undefined
    return html`<dl class="notes">${this.texts.map((text, i) => html`<div><dt>${letter(i)}</dt><dd>${text}</dd></div>`)}</dl>`
  }
}

/** a to z, then aa. */
const letter = (i: number): string => 'abcdefghijklmnopqrstuvwxyz'[i % 26]!.repeat(1 + Math.floor(i / 26))
