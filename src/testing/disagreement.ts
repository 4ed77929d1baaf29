import { inspect, isDeepStrictEqual } from 'node:util'
import type { Row } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'
import { type Difference, differencesOf } from './difference.ts'
import type { KitTarget } from './kit-target.ts'
import { type TouchingEvent, touchingEvents } from './touching-events.ts'

/** The rows of one target that differ. */
export interface Disagreement {
  target: string
  /** What the rows were compared with. */
  with: 'definition' | 'expected'
  /** Rows that the target should have. */
  rows: number
  differences: Difference[]
}

type Rows = ReadonlyMap<string, Row>

/** Differences whose events are looked for, and that are shown. */
const mostShown = 5

/**
 * Applies all that was committed to each target and compares it with rows, by default with those of the definition.
 *
 * @returns the targets that differ
 */
export async function disagreementsOf(
  targets: readonly KitTarget[],
  options: { pageSize?: number | undefined; rowsOf?: (target: KitTarget) => Rows } = {},
): Promise<Disagreement[]> {
  const disagreements: Disagreement[] = []
  for (const target of targets) {
    const definition = await target.expected(options.pageSize)
    const found = await disagreementOf(target, definition, options.rowsOf?.(target))
    if (found) disagreements.push(found)
  }
  return disagreements
}

async function disagreementOf(target: KitTarget, definition: Rows, rows?: Rows): Promise<Disagreement | undefined> {
  const expected = rows ?? definition
  const found = await target.rows()
  const differences = differencesOf(target.driver.materializer.context.definition, expected, found)
  if (differences.length === 0) return undefined
  const rowsOf = (key: string) => [expected.get(key), found.get(key)].filter((row) => row !== undefined)
  const shown = differences.slice(0, mostShown)
  const events = await touchingEvents(target, new Map(shown.map(({ keyText }) => [keyText, rowsOf(keyText)])))
  for (const difference of shown) difference.events = events.get(difference.keyText) ?? []
  return { target: target.name, with: rows ? 'expected' : 'definition', rows: expected.size, differences }
}

/** The error that says what differs, column by column, and which events touched the row. */
export function disagreementError(disagreements: readonly Disagreement[]): TrifoldError {
  const [first] = disagreements as [Disagreement]
  const texts = disagreements.map((one) => (isRepeated(one, first) ? shownRepeated(one) : shownDisagreement(one)))
  return new TrifoldError('TARGET_DISAGREES', `testing: ${texts.join('\n\n')}`, {
    details: { target: first.target, disagreements },
  })
}

const isRepeated = (one: Disagreement, first: Disagreement): boolean =>
  one !== first && isDeepStrictEqual(one.differences, first.differences)

const shownRepeated = ({ target }: Disagreement): string => `${target} differs in the same rows`

function shownDisagreement(disagreement: Disagreement): string {
  const { target, rows, differences } = disagreement
  const compared = disagreement.with === 'definition' ? 'its definition' : 'the expected rows'
  const head = `${target} differs from ${compared} in ${counted(differences.length, 'row')} (of ${rows})`
  const more = differences.length - mostShown
  const shown = differences.slice(0, mostShown).map((one) => shownDifference(one, disagreement.with))
  return [head, ...shown, ...(more > 0 ? [`and ${counted(more, 'row')} more`] : [])].join('\n\n')
}

function shownDifference({ key, kind, columns, events }: Difference, source: string): string {
  const name = Object.entries(key)
    .map(([column, value]) => `${column} ${shownValue(value)}`)
    .join(', ')
  const facts = kind === 'different' ? shownColumns(columns, source) : [`    ${missingOrSurplus(kind, source)}`]
  return [`  ${name}`, ...facts, ...shownEvents(events)].join('\n')
}

function missingOrSurplus(kind: 'missing' | 'surplus', source: string): string {
  const has = source === 'definition' ? 'the definition has this row' : 'this row is expected'
  const lacks = source === 'definition' ? 'the definition has no such row' : 'no such row is expected'
  return kind === 'missing' ? `${has}, the target lacks it` : `${lacks}, the target has one`
}

function shownColumns(columns: Difference['columns'], source: string): string[] {
  const width = Math.max(...columns.map(({ name }) => name.length))
  return columns.map(
    ({ name, expected, found }) =>
      `    ${name.padEnd(width)}  ${source} ${shownValue(expected)}, target ${shownValue(found)}`,
  )
}

function shownEvents(events: readonly TouchingEvent[]): string[] {
  if (events.length === 0) return ['    no event touched it: was one left out, or did its handler name another key?']
  return [
    '    events that touched it:',
    ...events.map(
      ({ ordinal, type, aggregate, payload, operations }) =>
        `      ${ordinal} ${type} of ${aggregate} → ${operations.join('; ')}  ${shownValue(payload)}`,
    ),
  ]
}

const shownValue = (value: unknown): string =>
  inspect(value, {
    depth: 3,
    breakLength: Number.POSITIVE_INFINITY,
    compact: 10,
    maxStringLength: 80,
    maxArrayLength: 8,
  })

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
