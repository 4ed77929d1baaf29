import type { Comparison } from '../comparison.ts'
import { html, type Markup } from './markup.ts'
import { placesIn } from './place.ts'
import type { Drawing } from './plots/drawing.ts'
import { freshness } from './sections/freshness.ts'
import { headline } from './sections/headline.ts'
import { queries } from './sections/queries.ts'
import { setting } from './sections/setting.ts'
import { standing } from './sections/standing.ts'
import { work } from './sections/work.ts'

/** The sections of one comparison; `prefix` is its path in the document, with a dot at the end. */
export function comparisonBody(comparison: Comparison, prefix: string, drawing: Drawing): Markup {
  const sections = html`${setting(comparison, prefix)}
${remarkList(comparison.remarks)}
<section><h2>Queries</h2>${queries(comparison, prefix, drawing)}</section>
<section><h2>Freshness</h2>${freshness(comparison, prefix, drawing)}</section>
<section id="at-${prefix}load"><h2>Work</h2>${work(comparison, prefix)}</section>
<section><h2>Size, rebuild and needs</h2>${standing(comparison, prefix)}</section>`
  return html`${headline(comparison, prefix, placesIn(sections))}${sections}`
}

/** What is to be known beside the figures. */
export const remarkList = (remarks: readonly string[]): Markup | undefined =>
  remarks.length === 0 ? undefined : html`<ul class="remarks">${remarks.map((one) => html`<li>${one}</li>`)}</ul>`
