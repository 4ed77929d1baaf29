import { Lines, numberText, shortNumber } from '@trifold/pages'
import { partText } from '../format.ts'
import { dimensionLabel, groupText, measureLabel } from '../pivot-text.ts'
import type { Amount, Group, Pivot } from '../reading/pivot.ts'
import {
  type Dimension,
  possibleDimensions,
  possibleMeasures,
  writtenDimension,
  writtenMeasure,
} from '../view/measure.ts'
import { withFilter } from '../view.ts'
import { Bars } from './bars.tsx'
import { ticksOf } from './histogram.tsx'
import { linkTo, type PageContext } from './page-context.ts'

/** Groups of rows, as a chart and as a table. */
export function PivotPart({ context, pivot }: { context: PageContext; pivot: Pivot }) {
  return (
    <>
      <PivotChoice context={context} />
      {pivot.rows.length > 0 && <PivotChart pivot={pivot} />}
      <PivotTable context={context} pivot={pivot} />
      {pivot.more && <p class="note">There are more groups; narrow the conditions to see all.</p>}
      {pivot.approximate && <p class="note">Some numbers are estimates of the index; a table has them exactly.</p>}
    </>
  )
}

function PivotChoice({ context: { entry, view } }: { context: PageContext }) {
  const dimensions = possibleDimensions(entry)
  const choice = (place: 0 | 1, label: string) => (
    <label>
      {label}{' '}
      <select name="by" aria-label={place === 0 ? 'Group by' : 'And by'}>
        <option value="">{place === 0 ? 'nothing' : 'nothing else'}</option>
        {dimensions.map((one) => (
          <option value={writtenDimension(one)} selected={view.by[place] === writtenDimension(one)}>
            {dimensionLabel(one)}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <div class="choice">
      <label>
        Show{' '}
        <select name="show" aria-label="Show">
          <option value="">Number of rows</option>
          {possibleMeasures(entry).map((one) => (
            <option value={writtenMeasure(one)} selected={view.show === writtenMeasure(one)}>
              {measureLabel(one)}
            </option>
          ))}
        </select>
      </label>
      {choice(0, 'by')}
      {choice(1, 'and')}
    </div>
  )
}

const titleOf = ({ dimensions, measure }: Pivot): string =>
  [measureLabel(measure), ...dimensions.map(dimensionLabel)].join(' by ')

const mostLines = 6

/** Time goes from left to right; other groups have their bars in the table. */
function PivotChart({ pivot }: { pivot: Pivot }) {
  const { dimensions, rows, columns, cells } = pivot
  const [first, second] = dimensions
  if (!first?.interval) return null
  const dated = rows.flatMap((row, place) =>
    typeof row.value === 'string' ? [{ ...row, place, first: row.value }] : [],
  )
  const ticks = ticksOf(dated).map((day) => partText(day, first.interval as 'day'))
  if (!second)
    return (
      <Bars
        title={titleOf(pivot)}
        ticks={ticks}
        bars={dated.map((row) => ({
          label: `${groupText(row, first)}: ${amountText(row.amount)}`,
          value: Number(row.amount ?? 0),
        }))}
      />
    )
  const lines = columns.slice(0, mostLines).map((column, place) => ({
    name: groupText(column, second),
    values: dated.map((row) => numberOf(cells[row.place]?.[place])),
  }))
  return <Lines title={titleOf(pivot)} ticks={ticks} lines={lines} />
}

const numberOf = (amount: Amount | undefined): number | undefined =>
  amount === undefined || amount === null ? undefined : Number(amount)

function PivotTable({ context, pivot }: { context: PageContext; pivot: Pivot }) {
  const { dimensions, rows, columns, cells, whole, measure } = pivot
  const [first, second] = dimensions
  const most = Math.max(0, ...rows.map(({ amount }) => Math.abs(Number(amount ?? 0))))
  const largest = Math.max(0, ...cells.flat().map((cell) => Math.abs(Number(cell ?? 0))))
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={titleOf(pivot)}>
      <table class="pivot">
        <thead>
          <tr>
            <th scope="col">{first ? dimensionLabel(first) : ''}</th>
            {columns.map((column) => (
              <th scope="col" class="number">
                {groupText(column, second as Dimension)}
              </th>
            ))}
            <th scope="col" class="number">
              {second ? 'All' : measureLabel(measure)}
            </th>
            {measure && !second && (
              <th scope="col" class="number">
                Rows
              </th>
            )}
            {first && !second && (
              <th scope="col" class="share">
                <span class="unseen">Share</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            <tr>
              <th scope="row">
                <GroupName context={context} group={row} dimension={first as Dimension} />
              </th>
              {columns.map((_, at) => (
                <Cell amount={cells[place]?.[at]} largest={largest} />
              ))}
              <td class="number">{amountText(row.amount)}</td>
              {measure && !second && <td class="number soft">{numberText(row.count)}</td>}
              {!second && (
                <td class="share">
                  <ShareBar amount={row.amount} most={most} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">All rows</th>
            {columns.map((column) => (
              <td class="number">{amountText(column.amount)}</td>
            ))}
            <td class="number">{amountText(whole.amount)}</td>
            {measure && !second && <td class="number">{numberText(whole.count)}</td>}
            {first && !second && <td class="share" />}
          </tr>
        </tfoot>
      </table>
    </div>
  )
}

const ShareBar = ({ amount, most }: { amount: Amount; most: number }) => (
  <svg class="share" width="100%" height="8" aria-hidden="true">
    <rect
      class={Number(amount ?? 0) < 0 ? 'below' : undefined}
      width={`${most === 0 ? 0 : (100 * Math.abs(Number(amount ?? 0))) / most}%`}
      height="8"
      rx="2"
    />
  </svg>
)

/** The larger, the deeper its ground: in five steps. */
function Cell({ amount, largest }: { amount: Amount | undefined; largest: number }) {
  const depth = amount && largest > 0 ? Math.ceil((5 * Math.abs(Number(amount))) / largest) : 0
  return <td class={`number depth-${depth}`}>{amount === undefined ? '' : amountText(amount)}</td>
}

/** The name of a group leads to its rows. */
function GroupName({ context, group, dimension }: { context: PageContext; group: Group; dimension: Dimension }) {
  const text = groupText(group, dimension)
  if (dimension.interval || group.value === null) return <>{text}</>
  const { name } = dimension.column
  const rows = withFilter({ ...context.view, mode: 'rows' }, name, { is: [String(group.value)] })
  return <a href={linkTo(context, rows)}>{text}</a>
}

const amountText = (amount: Amount): string =>
  amount === null ? '–' : isNumeric(amount) ? shortNumber(amount) : String(amount)

const isNumeric = (amount: string | number): boolean => Number.isFinite(Number(amount))
