import type { GrowthComparison, Recommendation } from '../../comparison.ts'
import { html, type Markup } from '../markup.ts'
import { shownFigure } from '../shown-figure.ts'
import { choiceNames } from './headline.ts'

interface Stretch {
  choice: Recommendation['choice']
  /** Places of the first and the last size in the document. */
  first: number
  last: number
}

/** What to run from which size on: sizes next to each other with the same advice are shown as one. */
export function growthHeadline({ sizes }: GrowthComparison): Markup {
  const stretches = stretchesOf(sizes.map((one) => one.comparison.recommendation.choice))
  const size = (i: number) => shownFigure(sizes[i]!.size, 'count', { path: `sizes.${i}.size` })
  const last = stretches.at(-1)!
  return html`<section class="verdict to-${last.choice}">
${stretches.map(
  ({ choice, first, last: end }) =>
    html`<h2 class="choice to-${choice}">Size ${size(first)}${end > first && html` to ${size(end)}`}: ${choiceNames[choice]}</h2>`,
)}
<p class="reason">${reason(stretches.length)}</p>
</section>`
}

const reason = (stretches: number): string =>
  stretches === 1
    ? 'The advice was the same at every size that was measured.'
    : 'The advice holds at the sizes that were measured; it changes somewhere between two of them.'

function stretchesOf(choices: readonly Recommendation['choice'][]): Stretch[] {
  const stretches: Stretch[] = []
  for (const [i, choice] of choices.entries()) {
    const before = stretches.at(-1)
    if (before?.choice === choice) before.last = i
    else stretches.push({ choice, first: i, last: i })
  }
  return stretches
}
