import { inSeconds, inThousands } from '../../operator/figures.ts'
import type { Verification, VerifyOptions } from '../../operator/verify.ts'
import type { OutputStream } from '../console.ts'

/** Differences that are printed for people; JSON has up to a hundred. */
const mostPrinted = 10

/** `1%` and `0.01` are 0.01; anything that is neither is no number. */
export function shareOf(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim()) ?? []
  return Number(number ?? Number.NaN) / (percent ? 100 : 1)
}

/** What came of one target: a line, the differences, and the columns that were left out. */
export function verifiedText(one: Verification): string {
  const differing = one.missing + one.surplus + one.different
  const compared = `${inThousands(one.rows)} rows (${percent(one.share)}) compared in ${inSeconds(one.milliseconds)}`
  const outcome = differing === 0 ? 'equal to its definition' : outcomeOf(one)
  return [
    `${one.target}: ${outcome}; ${compared}`,
    ...one.differences.slice(0, mostPrinted).map(differenceText),
    ...(differing > mostPrinted ? [`  and ${inThousands(differing - mostPrinted)} more`] : []),
    ...(one.suspect > 0 ? [`  ${suspectText(one)}`] : []),
    ...one.leftOut.map(({ column, reason }) => `  ${column} was not compared: ${reason}`),
  ].join('\n')
}

const suspectText = ({ suspect, target }: Verification): string =>
  `${inThousands(suspect)} more ${suspect === 1 ? 'is' : 'are'} suspect, because of parked events, and not recomputed yet: ` +
  `\`trifold parked list --target ${target}\``

function outcomeOf({ missing, surplus, different, repaired }: Verification): string {
  const counts = [count(missing, 'missing'), count(surplus, 'surplus'), count(different, 'different')]
  const rest = repaired > 0 ? `, ${inThousands(repaired)} repaired` : ''
  return `differs from its definition: ${counts.filter(Boolean).join(', ')}${rest}`
}

const count = (rows: number, what: string): string => (rows === 0 ? '' : `${inThousands(rows)} ${what}`)

function differenceText({ key, kind, columns }: Verification['differences'][number]): string {
  const shown = (value: string | null) => (value === null ? 'null' : JSON.stringify(value))
  const values = columns.map(
    ({ column, definition, target }) => `${column} is ${shown(target)}, to be ${shown(definition)}`,
  )
  return `  ${key}: ${kind === 'different' ? values.join('; ') : kind}`
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`

const progressEvery = 1_000

/** A line on how far it is, at most once a second. */
export function progressTo(stream: OutputStream): NonNullable<VerifyOptions['onProgress']> {
  let last = Date.now()
  return ({ target, rows, expected }) => {
    if (Date.now() - last < progressEvery) return
    last = Date.now()
    stream.write(`${target}: ${inThousands(rows)} of about ${inThousands(Math.max(rows, expected))} rows\n`)
  }
}
