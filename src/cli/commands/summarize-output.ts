import type { Column, Definition } from '../../definition.ts'
import type { Value } from '../../encoding.ts'
import { csvLine } from '../../export/csv.ts'
import { inThousands } from '../../operator/figures.ts'
import { kindOf } from '../../query/columns.ts'
import type { Aggregate, GroupTerm, NumberRange, Summarize, Summary } from '../../query.ts'
import { type Alignment, tableText } from '../table.ts'
import { ageNote, cellOf, shown } from './query-output.ts'

/** One column of the table: a term of the grouping, the count, or an aggregate. */
interface Part {
  head: string
  isNumber: boolean
  isText: boolean
  of(group: Summary['groups'][number]): Value
}

/** The groups as a table; a missing value is a dash. */
export function summaryText(definition: Definition, asked: Summarize, { groups }: Summary): string {
  const parts = partsOf(definition, asked)
  const alignments = parts.map(({ isNumber }): Alignment => (isNumber ? 'right' : 'left'))
  const lines = groups.map((group) => parts.map(({ of }) => cellOf(of(group))))
  return tableText(alignments, [parts.map(({ head }) => shown(head)), ...lines])
}

/** The groups as CSV, as an export writes it. */
export function summaryCsv(definition: Definition, asked: Summarize, { groups }: Summary): string {
  const parts = partsOf(definition, asked)
  const line = (cells: { value: Value; isText: boolean }[]) => csvLine(cells)
  const head = line(parts.map((part) => ({ value: part.head, isText: true })))
  return head + groups.map((group) => line(parts.map(({ of, isText }) => ({ value: of(group), isText })))).join('')
}

/** How many groups there are, whether there are more, and how old they are. */
export function summaryNote({ groups, more, approximate, target, degraded, ...age }: Summary): string {
  const count = `${inThousands(groups.length)} ${groups.length === 1 ? 'group' : 'groups'} of ${target}`
  const notes = [
    ...(degraded ? ['some rows may lack a parked event'] : []),
    ...(more ? ['there are more: raise --limit'] : []),
    ...(approximate ? ['approximate: an index cannot vouch for every number'] : []),
  ]
  return [`${count}${ageNote(age)}`, ...notes].join('; ')
}

function partsOf(definition: Definition, { group = [], aggregates = {} }: Summarize): Part[] {
  const named = (name: string) => definition.columns.find((one) => one.name === name) as Column
  const terms = [group].flat() as GroupTerm[]
  const count: Part = { head: 'count', isNumber: true, isText: false, of: (one) => one.count }
  return [
    ...terms.map((term, place) => groupPart(term, place, named)),
    count,
    ...Object.entries(aggregates).map(([name, one]) => aggregatePart(name, one, named)),
  ]
}

function groupPart(term: GroupTerm, place: number, named: (name: string) => Column): Part {
  const of = (one: Summary['groups'][number]) => (one.group as unknown as Value[])[place] ?? null
  if (typeof term === 'string') {
    const kind = kindOf(named(term))
    return { head: term, isNumber: isNumber(kind), isText: kind === 'text' || kind === 'array', of }
  }
  if ('ranges' in term || 'step' in term)
    return { head: term.column, isNumber: false, isText: false, of: (one) => rangeText(of(one) as NumberRange | null) }
  return { head: `${term.column} ${term.interval}`, isNumber: false, isText: false, of }
}

function aggregatePart(name: string, aggregate: Aggregate, named: (name: string) => Column): Part {
  const [used, column] = Object.entries(aggregate)[0] as [string, string]
  const kind = used === 'min' || used === 'max' ? kindOf(named(column)) : 'number'
  return { head: name, isNumber: isNumber(kind), isText: kind === 'text', of: (one) => one.aggregates[name] ?? null }
}

const isNumber = (kind: string): boolean => kind === 'number' || kind === 'decimal'

function rangeText(range: NumberRange | null): Value {
  if (range === null) return null
  const { from, to } = range
  if (from === null) return `below ${to}`
  return to === null ? `from ${from}` : `${from} to below ${to}`
}
