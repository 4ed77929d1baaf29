import type { Comparison, Recommendation } from '../../comparison.ts'
import { html, type Markup, withCode } from '../markup.ts'
import { linkTo } from '../place.ts'

/** What is to be run, in a few words. */
export const choiceNames: Record<Recommendation['choice'], string> = {
  table: 'the table',
  view: 'the materialized view',
  search: 'the search index',
  none: 'no target is needed',
  undecided: 'undecided',
}

const verdicts: Record<Recommendation['choice'], string> = {
  table: 'Use the table',
  view: 'Use the materialized view',
  search: 'Use the search index',
  none: 'No target is needed',
  undecided: 'Undecided',
}

/** The recommendation first; `prefix` is the path of the comparison in the document. */
export function headline({ recommendation }: Comparison, prefix: string, places: ReadonlySet<string>): Markup {
  const { choice, sentences } = recommendation
  const [first, ...others] = sentences.map(
    ({ text, figures }) =>
      html`${withCode(text)} <span class="sources">${figures.filter(isFigure).map((path) => linkTo(`${prefix}${path}`, places))}</span>`,
  )
  return html`<section class="verdict to-${choice}">
<h2 class="choice">${verdicts[choice]}</h2>
<p class="reason">${first}</p>
<ul>${others.map((one) => html`<li>${one}</li>`)}</ul>
</section>`
}

/** The sentence names them already. */
const isFigure = (path: string): boolean => !/\.(target|name)$/.test(path)
