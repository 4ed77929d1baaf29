import { numberText } from '@trifold/pages'
import { labelOf } from '../columns.ts'
import type { Facet, FacetValue } from '../reading/facets.ts'
import { type Filter, firstPage, noFilter, withFilter } from '../view.ts'
import { linkTo, type PageContext } from './page-context.ts'

/** The values of a column, to be ticked: several of one column are joined by or. */
export function FacetPart({ context, facet }: { context: PageContext; facet: Facet }) {
  const { view } = context
  const { column, values, more, approximate } = facet
  if (!values)
    return (
      <section class="facet closed">
        <a href={linkTo(context, { ...view, open: [...view.open, column.name] })}>{labelOf(column.name)}</a>
      </section>
    )
  const filter = view.filters.get(column.name) ?? noFilter
  const within = view.within.get(column.name)
  const rows = filter.empty === 'yes' && values.every(({ value }) => value !== null) ? [...values, nothing] : values
  const most = Math.max(1, ...rows.map(({ count }) => count))
  const title = `facet-${column.name}`
  return (
    <section class="facet" role="group" aria-labelledby={title}>
      <h2 id={title}>{labelOf(column.name)}</h2>
      {(more || within !== undefined) && (
        <input
          type="search"
          name={`within.${column.name}`}
          value={within ?? ''}
          placeholder="Find a value"
          aria-label={`Find a value of ${labelOf(column.name)}`}
          data-while-typing
        />
      )}
      <ul>
        {rows.map((one) => (
          <ValuePart context={context} name={column.name} one={one} filter={filter} most={most} />
        ))}
      </ul>
      {rows.length === 0 && <p class="none">No value</p>}
      {more && <p class="note">{within === undefined ? 'There are more.' : 'Searched in the most frequent ones.'}</p>}
      {approximate && <p class="note">Some counts are estimates.</p>}
    </section>
  )
}

const nothing: FacetValue = { value: null, count: 0 }

interface ValueProps {
  context: PageContext
  name: string
  one: FacetValue
  filter: Filter
  most: number
}

function ValuePart({ context, name, one: { value, count }, filter, most }: ValueProps) {
  const text = String(value)
  const isNot = value !== null && filter.not.includes(text)
  const isTicked = value === null ? filter.empty === 'yes' : filter.is.includes(text)
  return (
    <li class={isNot ? 'excluded' : undefined}>
      <label>
        {isNot ? (
          <input type="checkbox" name={`not.${name}`} value={text} checked />
        ) : (
          <input
            type="checkbox"
            name={value === null ? `empty.${name}` : `is.${name}`}
            value={value === null ? 'yes' : text}
            checked={isTicked}
          />
        )}
        <span class="value">{isNot ? <del>{valueText(value)}</del> : valueText(value)}</span>
        <span class="count">{numberText(count)}</span>
        <svg class="share" aria-hidden="true" width="100%" height="3">
          <rect width={`${(100 * count) / most}%`} height="3" rx="1.5" />
        </svg>
      </label>
      {value === null || isNot ? (
        <span class="without" />
      ) : (
        <a
          class="without"
          href={linkTo(context, without(context, name, filter, text))}
          title={`Without ${valueText(value)}`}
          aria-label={`Without ${valueText(value)}`}
        >
          −
        </a>
      )}
    </li>
  )
}

const without = ({ view }: PageContext, name: string, { is, not }: Filter, value: string) =>
  firstPage(withFilter(view, name, { is: is.filter((one) => one !== value), not: [...not, value] }))

const valueText = (value: FacetValue['value']): string => {
  if (value === null) return 'no value'
  if (value === '') return 'empty text'
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}
