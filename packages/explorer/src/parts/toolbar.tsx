import { numberText, spanText } from '@trifold/pages'
import type { Found } from 'trifold'
import { labelOf, shownColumns } from '../columns.ts'
import { exportRequest, rowsOf } from '../reading/rows.ts'
import { addressOf } from '../view/address.ts'
import { firstPage } from '../view.ts'
import { linkTo, type PageContext } from './page-context.ts'

/** What is shown of how many, and how. */
export function Toolbar({ context, count }: { context: PageContext; count: number | undefined }) {
  const { view } = context
  const isPivot = view.mode === 'pivot'
  const rows = firstPage({ ...view, mode: 'rows' as const })
  const pivot = firstPage({ ...view, mode: 'pivot' as const })
  return (
    <div class="tools">
      <p class="total" role="status">
        {count !== undefined && (
          <>
            <b>{numberText(count)}</b> {count === 1 ? 'row' : 'rows'}
          </>
        )}
      </p>
      <a class="to-filters" href="#filters">
        Filters
      </a>
      <nav class="modes" aria-label="Form">
        <a href={linkTo(context, rows)} aria-current={isPivot ? undefined : 'page'}>
          Rows
        </a>
        <a href={linkTo(context, pivot)} aria-current={isPivot ? 'page' : undefined}>
          Groups
        </a>
      </nav>
      {!isPivot && <SortChoice context={context} />}
      {!isPivot && <ColumnChoice context={context} />}
      <TargetChoice context={context} />
      <ExportMenu context={context} />
      <button type="submit" class="apply">
        Apply
      </button>
    </div>
  )
}

function SortChoice({ context: { entry, view } }: { context: PageContext }) {
  const names = entry.columns.filter(({ uses }) => uses.includes('sort')).map(({ name }) => name)
  const usual = view.words === undefined ? entry.key.map(labelOf).join(', ') : 'nearest match'
  return (
    <label>
      <span class="unseen">Sort by</span>
      <select name="sort">
        <option value="">by {usual}</option>
        {names.flatMap((name) => [
          <option value={name} selected={view.sort === name}>
            {labelOf(name)} ↑
          </option>,
          <option value={`-${name}`} selected={view.sort === `-${name}`}>
            {labelOf(name)} ↓
          </option>,
        ])}
      </select>
    </label>
  )
}

function ColumnChoice({ context: { entry, view } }: { context: PageContext }) {
  const shown = shownColumns(entry, view.columns)
  return (
    <details class="menu">
      <summary>
        Columns <span class="soft">{`${shown.length}/${entry.columns.length}`}</span>
      </summary>
      <fieldset class="sheet">
        <legend class="unseen">Columns</legend>
        {entry.columns.map((column) => (
          <label>
            <input type="checkbox" name="column" value={column.name} checked={shown.includes(column)} />
            {labelOf(column.name)}
          </label>
        ))}
      </fieldset>
    </details>
  )
}

/** Which target answers; each gives the same rows, at its own age. */
function TargetChoice({ context: { entry, view } }: { context: PageContext }) {
  return (
    <label>
      <span class="unseen">Target</span>
      <select name="from">
        <option value="">from any target</option>
        {entry.targets.map(({ name, lag }) => (
          <option value={name} selected={view.from === name}>
            from {name}
            {lag === null ? ', not built' : lag > 0 ? `, ${spanText(lag)} behind` : ''}
          </option>
        ))}
      </select>
    </label>
  )
}

/** What is seen as files: all rows, on all pages, with the columns that are seen; or the groups. */
function ExportMenu({ context }: { context: PageContext }) {
  const files = context.view.mode === 'pivot' ? groupFiles(context) : rowFiles(context)
  return (
    <details class="menu">
      <summary>Export</summary>
      <div class="sheet">
        {files.map(({ label, href, name }) => (
          <a href={href} download={name}>
            {label}
          </a>
        ))}
      </div>
    </details>
  )
}

interface ExportFile {
  label: string
  href: string
  name: string
}

const groupFiles = ({ entry, view, path }: PageContext): ExportFile[] => [
  { label: 'CSV', href: `${path}/groups.csv${addressOf(view)}`, name: `${entry.name}-groups.csv` },
]

const rowFiles = ({ entry, view, api }: PageContext): ExportFile[] =>
  entry.formats.map((format) => ({
    label: format.toUpperCase(),
    href: api.linkTo(entry.name, 'export', { format, request: JSON.stringify(exportRequest(entry, view)) }),
    name: `${entry.name}.${format}`,
  }))

/** The way to the next page, and back to the first. */
export function Pager({ context, found }: { context: PageContext; found: Found }) {
  const { view, entry } = context
  const page = Number(view.page ?? 1)
  const pages = Math.max(page, Math.ceil((found.total ?? 0) / rowsOf(entry)))
  if (pages === 1) return null
  return (
    <nav class="pager" aria-label="Pages">
      {page > 1 && <a href={linkTo(context, firstPage(view))}>« First page</a>}
      <span>
        Page {numberText(page)} of {numberText(pages)}
      </span>
      {found.cursor !== undefined && (
        <a href={linkTo(context, { ...view, row: [], cursor: found.cursor, page: String(page + 1) })} rel="next">
          Next page ›
        </a>
      )}
    </nav>
  )
}
