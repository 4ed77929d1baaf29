import type { ColumnEntry } from '@trifold/http'
import { shortNumber } from '@trifold/pages'
import type { Found } from 'trifold'
import { Refusal } from '../api.ts'
import { columnNamed, labelOf, shownColumns } from '../columns.ts'
import type { Totals } from '../reading/totals.ts'
import type { Part } from '../reading.ts'
import { firstPage, type View } from '../view.ts'
import { alignmentOf, Value } from './cell.tsx'
import { linkTo, mannerOf, type PageContext } from './page-context.ts'

type Row = Found['rows'][number]

/** A page of rows, with the totals of all of them below. */
export function RowsPart({ context, found, totals }: { context: PageContext; found: Found; totals: Part<Totals> }) {
  const { entry, view } = context
  const columns = shownColumns(entry, view.columns)
  if (found.rows.length === 0) return <p class="empty">No row fulfils all conditions.</p>
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Rows">
      <table class="rows">
        <thead>
          <tr>
            <th class="opener" scope="col">
              <span class="unseen">Details</span>
            </th>
            {columns.map((column) => (
              <HeadCell context={context} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>
          {found.rows.map((row, place) => (
            <RowPart context={context} columns={columns} row={row} found={found.highlights?.[place]} />
          ))}
        </tbody>
        {totals instanceof Refusal ? null : <TotalsPart columns={columns} totals={totals} />}
      </table>
    </div>
  )
}

/** A column's name, by which rows are sorted: first from the smallest, then from the largest on. */
function HeadCell({ context, column }: { context: PageContext; column: ColumnEntry }) {
  const { view } = context
  const { name, uses } = column
  const direction = view.sort === name ? 'ascending' : view.sort === `-${name}` ? 'descending' : undefined
  const next: View = firstPage({ ...view, sort: direction === 'ascending' ? `-${name}` : name })
  return (
    <th scope="col" class={alignmentOf(column)} aria-sort={direction} title={`${name}, ${column.type}`}>
      {uses.includes('sort') ? (
        <a href={linkTo(context, next)}>
          {labelOf(name)}
          <span class="direction" aria-hidden="true">
            {direction === 'ascending' ? ' ↑' : direction === 'descending' ? ' ↓' : ''}
          </span>
        </a>
      ) : (
        labelOf(name)
      )}
    </th>
  )
}

interface RowProps {
  context: PageContext
  columns: readonly ColumnEntry[]
  row: Row
  found: NonNullable<Found['highlights']>[number] | undefined
}

function RowPart({ context, columns, row, found }: RowProps) {
  const { entry, view } = context
  const key = entry.key.map((name) => String(row[name]))
  const isOpen = view.row.length > 0 && key.every((value, place) => value === view.row[place])
  return (
    <tr class={isOpen ? 'open' : undefined}>
      <td class="opener">
        <a
          href={linkTo(context, { ...view, row: isOpen ? [] : key })}
          aria-label={`Details of ${key.join(', ')}`}
          aria-current={isOpen || undefined}
          data-row
        >
          ›
        </a>
      </td>
      {columns.map((column) => (
        <td class={alignmentOf(column)}>
          <div class="cell">
            <Value value={row[column.name]} column={column} manner={mannerOf(context)} found={found?.[column.name]} />
          </div>
        </td>
      ))}
    </tr>
  )
}

function TotalsPart({ columns, totals }: { columns: readonly ColumnEntry[]; totals: Totals }) {
  if (totals.sums.size === 0) return null
  const line = (label: string, of: 'sum' | 'average') => (
    <tr>
      <th scope="row" class="opener">
        <abbr title={`${label} of all rows${totals.approximate ? ', estimated in parts' : ''}`}>
          {of === 'sum' ? 'Σ' : '⌀'}
        </abbr>
      </th>
      {columns.map((column) => {
        const number = totals.sums.get(column.name)?.[of]
        return <td class={alignmentOf(column)}>{number === null || number === undefined ? '' : shortNumber(number)}</td>
      })}
    </tr>
  )
  return (
    <tfoot>
      {line('Sum', 'sum')}
      {line('Average', 'average')}
    </tfoot>
  )
}

/** All that is known of one row. */
export function DetailsPart({ context, row }: { context: PageContext; row: Row | undefined }) {
  const { entry, view } = context
  if (view.row.length === 0) return null
  return (
    <aside class="details" aria-labelledby="details-title">
      <h2 id="details-title" tabindex={-1}>
        {view.row.join(' · ')}
      </h2>
      <a class="close" href={linkTo(context, { ...view, row: [] })} aria-label="Close the details" data-close>
        ×
      </a>
      {row ? (
        <dl>
          {entry.columns.map(({ name }) => (
            <>
              <dt>{labelOf(name)}</dt>
              <dd>
                <Value value={row[name]} column={columnNamed(entry, name) as ColumnEntry} manner={mannerOf(context)} />
              </dd>
            </>
          ))}
        </dl>
      ) : (
        <p class="note">There is no row with this key.</p>
      )}
    </aside>
  )
}
