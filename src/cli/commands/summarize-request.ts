import { TrifoldError } from '../../errors.ts'
import type { Aggregate, GroupTerm } from '../../query.ts'
import { listOf } from './request-options.ts'

/** Groups from `status,opened_at:month,price:10/50/100,total:step=10`; the library knows columns and intervals. @throws QUERY_INVALID */
export function groupsOf(text: string, timeZone: string | undefined): GroupTerm[] {
  const terms = listOf(text).map((term) => groupOf(term, timeZone))
  if (timeZone === undefined || terms.some((term) => typeof term === 'object' && 'interval' in term)) return terms
  throw invalid('--time-zone is for parts of the calendar; group by one, such as opened_at:month')
}

function groupOf(term: string, timeZone: string | undefined): GroupTerm {
  const [column, part] = splitAt(term, ':')
  if (part === undefined) return column
  if (/^[-+.\d]/.test(part)) return { column, ranges: part.split('/').map((bound) => bound.trim()) }
  if (part.startsWith('step=')) return { column, step: part.slice('step='.length).trim() }
  return { column, interval: part as 'day', ...(timeZone !== undefined && { timeZone }) }
}

/** Aggregates by name from `sum:total,median=percentile:total:0.5`; without a name they are called as written. @throws QUERY_INVALID */
export function aggregatesOf(text: string): Record<string, Aggregate> {
  const named = listOf(text).map((term): [string, Aggregate] => {
    const [name, one] = term.includes('=') ? splitAt(term, '=') : [term, term]
    return [name, aggregateOf(term, one as string)]
  })
  const twice = named.find(([name], place) => named.findIndex(([other]) => other === name) !== place)
  if (twice) throw invalid(`--aggregates has ${twice[0]} twice; give one of them another name: other=${twice[0]}`)
  return Object.fromEntries(named)
}

function aggregateOf(term: string, text: string): Aggregate {
  const [used, rest] = splitAt(text, ':')
  if (used === '' || rest === undefined || rest === '')
    throw invalid(`--aggregates has ${JSON.stringify(term)}; write function:column, such as sum:total`)
  if (used !== 'percentile') return { [used]: rest } as unknown as Aggregate
  const [column, at] = splitAt(rest, ':')
  if (at === undefined || !/^(0?\.\d+|[01](\.0*)?)$/.test(at))
    throw invalid(
      `--aggregates has ${JSON.stringify(term)}; write percentile:column:share, such as percentile:total:0.5`,
    )
  return { percentile: column, at: Number(at) }
}

function splitAt(text: string, sign: string): [string, string | undefined] {
  const at = text.indexOf(sign)
  return at < 0 ? [text.trim(), undefined] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

const invalid = (fault: string): TrifoldError => new TrifoldError('QUERY_INVALID', `query: ${fault}`)
