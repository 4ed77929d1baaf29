import type { Amount, Comparison, TargetFigures } from '../../comparison.ts'
import { quantile } from '../../series.ts'
import { dataTable, type Row } from '../data-table.ts'
import { named } from '../looks.ts'
import { html, type Markup } from '../markup.ts'
import { Notes } from '../notes.ts'
import { notMeasured, shownAmount, shownFigure } from '../shown-figure.ts'

/** What keeping each target current took, and what the append took of the writers' time. */
export function work(comparison: Comparison, prefix: string): Markup {
  const { targets } = comparison
  const notes = new Notes()
  return html`${dataTable({
    title: 'Work for one event',
    note: 'While the load ran, until its last transaction was visible; below each figure the whole that it is a share of.',
    columns: ['Target', 'worker CPU', 'engine CPU', 'WAL', 'bytes written', 'events'],
    rows: targets.map((target, i) => row(target, `${prefix}targets.${i}`, notes)),
  })}
${notes.list()}
${writers(comparison, prefix)}`
}

function row({ materializer, work: done }: TargetFigures, path: string, notes: Notes): Row {
  const share = (name: 'workerCpu' | 'engineCpu' | 'wal' | 'bytesWritten') =>
    anEvent(done[name], done.events, `${path}.work.${name}`, `${path}.work.events`, notes)
  return {
    head: named(materializer),
    place: `${path}.work`,
    cells: [
      share('workerCpu'),
      share('engineCpu'),
      share('wal'),
      share('bytesWritten'),
      html`<span id="at-${path}.work.events">${shownAmount(done.events, `${path}.work.events`, notes)}</span>`,
    ],
  }
}

function anEvent(amount: Amount, events: Amount, path: string, eventsPath: string, notes: Notes): Markup {
  if ('notMeasured' in amount) return notMeasured(amount.notMeasured, path, notes)
  if (!('value' in events) || events.value === 0) {
    return html`<span id="at-${path}">${shownAmount(amount, path, notes)}</span>`
  }
  const share = shownFigure(amount.value / events.value, amount.unit, { path, per: eventsPath })
  return html`<span id="at-${path}">${share}</span>${notes.mark(amount.note)}<small>of ${shownFigure(amount.value, amount.unit, { path })}</small>`
}

function writers({ load }: Comparison, prefix: string): Markup {
  const path = `${prefix}load.transactions`
  const cell = (field: 'append' | 'total', p: number) =>
    shownFigure(
      quantile(
        load.transactions.map((one) => one[field]),
        p,
      ),
      'ms',
      { path, percentile: p, field },
    )
  const cells = (field: 'append' | 'total') => [0.5, 0.95, 0.99, 1].map((p) => cell(field, p))
  return dataTable({
    title: 'Time of the writers’ transactions',
    note: html`${shownFigure(load.transactions.length, 'count', { path })} transactions.`,
    columns: ['Time', 'p50', 'p95', 'p99', 'greatest'],
    rows: [
      { head: 'from begin to commit', place: path, cells: cells('total') },
      { head: 'of it the append', cells: cells('append') },
    ],
  })
}
