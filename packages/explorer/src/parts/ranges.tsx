import type { ColumnEntry } from '@trifold/http'
import { amountColumns, isTime, labelOf, prefixColumns, timeColumns } from '../columns.ts'
import type { PageContext } from './page-context.ts'

/** Bounds of numbers and days, and beginnings of texts. */
export function Ranges({ context }: { context: PageContext }) {
  const { entry } = context
  const amounts = entry.columns.filter((column) => column.uses.includes('sum'))
  const usual = [...timeColumns(entry), ...amountColumns(entry)]
  const keys = amounts.filter((column) => !usual.includes(column))
  return (
    <>
      {usual.map((column) => (
        <RangePart context={context} column={column} />
      ))}
      <details class="facet" open={hasBeginning(context) || undefined}>
        <summary>More conditions</summary>
        {keys.map((column) => (
          <RangePart context={context} column={column} />
        ))}
        {prefixColumns(entry).map((column) => (
          <BeginsPart context={context} column={column} />
        ))}
      </details>
    </>
  )
}

const hasBeginning = ({ view, entry }: PageContext): boolean =>
  [...view.filters].some(
    ([name, { begins, min, max }]) => begins ?? (entry.key.includes(name) ? (min ?? max) : undefined),
  )

interface Props {
  context: PageContext
  column: ColumnEntry
}

function RangePart({ context: { view }, column }: Props) {
  const { min, max } = view.filters.get(column.name) ?? {}
  const label = labelOf(column.name)
  const bound = (name: 'min' | 'max', value: string | undefined) => (
    <input
      {...inputOf(column, value)}
      name={`${name}.${column.name}`}
      value={value ?? ''}
      placeholder={name === 'min' ? 'from' : 'to'}
      aria-label={`${label} ${name === 'min' ? 'from' : 'to'}`}
    />
  )
  return (
    <div class="facet" role="group" aria-label={label}>
      <h2>{label}</h2>
      <div class="bounds">
        {bound('min', min)}
        <span aria-hidden="true">–</span>
        {bound('max', max)}
      </div>
    </div>
  )
}

/** A field for days shows no instant. */
function inputOf(column: ColumnEntry, value = '') {
  if (!isTime(column)) return { type: 'number', step: 'any' } as const
  return value === '' || /^\d{4}-\d\d-\d\d$/.test(value) ? ({ type: 'date' } as const) : ({ type: 'text' } as const)
}

const BeginsPart = ({ context: { view }, column: { name } }: Props) => (
  <label class="begins">
    <span>{labelOf(name)} begins with</span>
    <input type="text" name={`begins.${name}`} value={view.filters.get(name)?.begins ?? ''} autocomplete="off" />
  </label>
)
