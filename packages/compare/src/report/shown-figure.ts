import type { Amount, Series } from '../comparison.ts'
import { quantity, type Unit } from '../quantity.ts'
import { quantile, valuesOf } from '../series.ts'
import { html, type Markup } from './markup.ts'
import type { Notes } from './notes.ts'

interface Origin {
  /** The path of the figure in the document. */
  path: string
  /** Which percentile of a series it is, 0 to 1; 1 is the greatest. */
  percentile?: number
  /** Which field of a list of objects the percentile is of. */
  field?: string
  /** The path of the figure that it was divided by. */
  per?: string
  /** To how many digits it was rounded if it is known no better: it is shown with a sign of that. */
  digits?: number
}

/** A number of the page: it names the figure of the document that it shows. */
export function shownFigure(value: number, unit: Unit, origin: Origin): Markup {
  if (!Number.isFinite(value)) return html`<span class="none">none</span>`
  const { digits, unit: shownUnit } = quantity(origin.digits ? Number(value.toPrecision(origin.digits)) : value, unit)
  const attributes = html` data-figure="${origin.path}"${origin.percentile !== undefined && html` data-percentile="${origin.percentile}"`}${origin.field && html` data-field="${origin.field}"`}${origin.per && html` data-per="${origin.per}"`}${origin.digits && html` data-digits="${origin.digits}"`}`
  return html`<data value="${value}"${attributes} title="${inWords(origin)}">${origin.digits && '≈\u00a0'}${digits}${shownUnit !== '' && html`<span class="unit">\u00a0${shownUnit}</span>`}</data>`
}

export function shownPercentile(series: Series, p: number, path: string): Markup {
  return shownFigure(quantile(valuesOf(series), p), 'ms', { path, percentile: p })
}

export const shownCount = (value: number, path: string): Markup => shownFigure(value, 'count', { path })

/** An amount, or why there is none. What is counted has no unit: the head of its column says what it is. */
export function shownAmount(amount: Amount, path: string, notes: Notes): Markup {
  if ('notMeasured' in amount) return notMeasured(amount.notMeasured, path, notes)
  const unit = amount.unit === 'rows' || amount.unit === 'events' ? 'count' : amount.unit
  return html`${shownFigure(amount.value, unit, { path })}${notes.mark(amount.note)}`
}

export const notMeasured = (reason: string, path: string, notes: Notes): Markup =>
  html`<span class="none" title="${path}">not measured</span>${notes.mark(reason)}`

function inWords({ path, percentile: p, field, per }: Origin): string {
  const of = field === undefined ? path : `${path}, ${field}`
  const which = p === undefined ? of : `${of}: ${p === 1 ? 'greatest' : `percentile ${p * 100}`}`
  return per === undefined ? which : `${which} / ${per}`
}
