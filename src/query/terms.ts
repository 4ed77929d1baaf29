import { invalidQuery } from './invalid.ts'
import { insteadOf } from './nearest.ts'
import { type Parts, partsOf, shown, understood } from './parts.ts'

/** The kinds of requests, and what each may say to one target. */
export const terms = {
  find: [
    'where',
    'columns',
    'text',
    'highlight',
    'sort',
    'limit',
    'cursor',
    'hold',
    'total',
    'after',
    'timeout',
    'deadline',
  ],
  suggest: ['where', 'columns', 'text', 'limit', 'after', 'timeout', 'deadline'],
  summarize: ['where', 'text', 'group', 'sum', 'aggregates', 'having', 'sort', 'limit', 'after', 'timeout', 'deadline'],
} as const

export type RequestKind = keyof typeof terms
export type Term = (typeof terms)[RequestKind][number] | 'from'

/** What other tools call it, if that is no slip of the pen. */
const calledElsewhere: Partial<Record<string, Term>> = {
  conditions: 'where',
  filter: 'where',
  filters: 'where',
  groupBy: 'group',
  group_by: 'group',
  fields: 'columns',
  select: 'columns',
  order: 'sort',
  orderBy: 'sort',
  order_by: 'sort',
  first: 'limit',
  pageSize: 'limit',
  size: 'limit',
  take: 'limit',
  offset: 'cursor',
  page: 'cursor',
  skip: 'cursor',
  keepAlive: 'hold',
  keep_alive: 'hold',
  pit: 'hold',
  scroll: 'hold',
  q: 'text',
  query: 'text',
  search: 'text',
  aggs: 'aggregates',
  aggregations: 'aggregates',
  avg: 'aggregates',
  measures: 'aggregates',
  metrics: 'aggregates',
  count: 'total',
  trackTotalHits: 'total',
  target: 'from',
  source: 'from',
  commit: 'after',
  token: 'after',
}

/**
 * The parts of a request, all of which are known.
 *
 * @param known what may be said here; by default all that may be said to a target
 * @throws QUERY_INVALID naming the first that is not known, and what may have been meant
 */
export function termsOf(kind: RequestKind, request: unknown, known: readonly Term[] = terms[kind]): Parts {
  const parts = partsOf(kind, request)
  for (const name of Object.keys(parts)) if (!known.includes(name as Term)) throw unknownTerm(kind, name, known)
  // A condition that got lost must not widen the answer to everybody's rows.
  if ('where' in parts && parts.where === undefined) {
    throw invalidQuery('`where` is undefined; leave it out to ask for every row')
  }
  return parts
}

/** Who may be asked. */
const readable = ['table', 'view', 'search'] as const

/**
 * A request to a read model, taken apart: the target that is to answer, and what is asked of it.
 *
 * @throws QUERY_INVALID
 */
export function addressOf(
  kind: RequestKind,
  request: unknown = {},
): { from: (typeof readable)[number] | undefined; asked: Parts } {
  const { from, ...asked } = understood(() => termsOf(kind, request, ['from', ...terms[kind]]))
  const named = readable.find((one) => one === from)
  if (named !== undefined || from === undefined) return { from: named, asked }
  const given = `\`from\` is ${shown(from)}`
  throw invalidQuery(`${given}; ${insteadOf(typeof from === 'string' ? from : '', readable, 'it takes')}`)
}

function unknownTerm(kind: RequestKind, name: string, known: readonly Term[]) {
  const elsewhere = Object.hasOwn(calledElsewhere, name) ? calledElsewhere[name] : undefined
  const meant = elsewhere && known.includes(elsewhere) ? elsewhere : undefined
  const advice = insteadOf(name, known, 'it takes', meant)
  return invalidQuery(`${kind} does not take \`${name.slice(0, 60)}\`; ${advice}`, { name, known })
}
