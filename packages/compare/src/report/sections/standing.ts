import type { Comparison, TargetFigures } from '../../comparison.ts'
import { dataTable, type Row } from '../data-table.ts'
import { named } from '../looks.ts'
import { html, type Markup, withCode } from '../markup.ts'
import { Notes } from '../notes.ts'
import { shownAmount, shownCount } from '../shown-figure.ts'

/** What each target amounts to: size, time to rebuild it, equality with the definition, and what it takes to run it. */
export function standing({ targets }: Comparison, prefix: string): Markup {
  const notes = new Notes()
  return html`${dataTable({
    title: 'Storage, rebuild and verification',
    note: 'Equal: every row against the definition, once the load had ended.',
    columns: ['Target', 'rows', 'storage', 'rebuild', 'equal', 'missing', 'surplus', 'different'],
    rows: targets.map((target, i) => row(target, `${prefix}targets.${i}`, notes)),
  })}
${notes.list()}
<div class="needs">${targets.map(needs)}</div>`
}

function row(target: TargetFigures, path: string, notes: Notes): Row {
  const { verified } = target
  const amount = (name: 'rows' | 'storage' | 'rebuild') =>
    html`<span id="at-${path}.${name}">${shownAmount(target[name], `${path}.${name}`, notes)}</span>`
  return {
    head: named(target.materializer),
    place: path,
    cells: [
      amount('rows'),
      amount('storage'),
      amount('rebuild'),
      html`<span id="at-${path}.verified" class="${verified.equal ? 'good' : 'bad'}">${verified.equal ? '✓ yes' : '✗ no'}</span>`,
      shownCount(verified.missing, `${path}.verified.missing`),
      shownCount(verified.surplus, `${path}.verified.surplus`),
      shownCount(verified.different, `${path}.verified.different`),
    ],
  }
}

const needs = ({ materializer, needs: sentences, temporary }: TargetFigures): Markup => html`<div>
<h3>${named(materializer)}</h3>
<ul>${sentences.map((one) => html`<li>${withCode(one)}</li>`)}${temporary && html`<li>Created for this comparison and removed at its end.</li>`}</ul>
</div>`
