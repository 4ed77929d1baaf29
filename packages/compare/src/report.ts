// A comparison as one HTML page that can be mailed, printed and kept.
import type { Comparison, GrowthComparison } from './comparison.ts'
import { growthRemarks } from './growth/remarks.ts'
import { comparisonBody, remarkList } from './report/comparison-body.ts'
import { html, type Markup } from './report/markup.ts'
import { page } from './report/page.ts'
import { type Drawing, openDrawing } from './report/plots/drawing.ts'
import { choices, growthSection } from './report/sections/growth.ts'
import { growthHeadline } from './report/sections/growth-headline.ts'

/**
 * A comparison, or one at several sizes, as a self-contained HTML page: no script runs in it and nothing is fetched.
 * Every number in it names, in `data-figure`, the path of its figure in the document, which the page contains as JSON.
 */
export async function htmlReport(document: Comparison | GrowthComparison): Promise<string> {
  const drawing = await openDrawing()
  const body = 'growth' in document ? growthBody(document, drawing) : comparisonBody(document, '', drawing)
  return page(`${document.readModel}: comparison`, html`${head(document.readModel)}${body}`, document)
}

const head = (readModel: string): Markup =>
  html`<header><p class="kicker">Trifold: one read model, compared</p><h1>${readModel}</h1></header>`

function growthBody(document: GrowthComparison, drawing: Drawing): Markup {
  return html`${growthHeadline(document)}
<section><h2>What to run at which size</h2>${choices(document)}
${remarkList(growthRemarks(document.sizes))}</section>
<section><h2>How the costs grow</h2>${growthSection(document, drawing)}</section>
${document.sizes.map(
  (
    { size, comparison },
    i,
  ) => html`<details class="size" id="at-sizes.${i}"><summary><h2>Size ${size.toLocaleString('en')}: everything that was measured</h2></summary>
${comparisonBody(comparison, `sizes.${i}.comparison.`, drawing)}</details>`,
)}`
}
