import type { Amount, Claim, Series } from '../comparison.ts'
import { inWords } from '../quantity.ts'
import { quantile, valuesOf } from '../series.ts'

/** A piece of a sentence that rests on a figure of the document. */
export interface Cited {
  text: string
  path: string
}

/** A sentence and the figures in it; pieces without a path are words. */
export function claim(words: TemplateStringsArray, ...pieces: (Cited | string)[]): Claim {
  const cited = pieces.filter((piece) => typeof piece !== 'string')
  const text = words.reduce((before, word, i) => before + textOf(pieces[i - 1]!) + word)
  return { text, figures: [...new Set(cited.map((piece) => piece.path))] }
}

/** One sentence out of several that belong together. */
export function joined(claims: readonly Claim[], between: string, end: string): Claim {
  const text = claims.map((one) => one.text).join(between)
  return { text: `${text}${end}`, figures: [...new Set(claims.flatMap((one) => one.figures))] }
}

export const at = (p: number, series: Series, path: string): Cited => ({
  text: inWords(quantile(valuesOf(series), p), 'ms'),
  path,
})

export const counted = (value: number, path: string): Cited => ({ text: inWords(value, 'count'), path })

/** The value of an amount that was measured. */
export const measured = (amount: Extract<Amount, { value: number }>, path: string): Cited => ({
  text: inWords(amount.value, amount.unit),
  path,
})

export const isMeasured = (amount: Amount): amount is Extract<Amount, { value: number }> => 'value' in amount

/** Words from the document: names, reasons, statements. */
export const said = (text: string, path: string): Cited => ({ text, path })

const textOf = (piece: Cited | string): string => (typeof piece === 'string' ? piece : piece.text)
