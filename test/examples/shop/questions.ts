import { readFile } from 'node:fs/promises'

/** What an analyst asks: the command line as it is typed, and the SQL or the refusal that says what is right. */
export interface Question {
  title: string
  command: string
  sql: string | undefined
  refusal: string | undefined
}

/** The questions of `examples/shop/QUESTIONS.md`. */
export async function readQuestions(): Promise<Question[]> {
  const page = await readFile(new URL('../../../examples/shop/QUESTIONS.md', import.meta.url), 'utf8')
  return page
    .split(/^## /m)
    .slice(1)
    .map((text) => ({
      title: text.slice(0, text.indexOf('\n')),
      command: block(text, 'sh') as string,
      sql: block(text, 'sql'),
      refusal: /^`([A-Z_]+)`$/m.exec(text)?.[1],
    }))
}

const block = (text: string, language: string): string | undefined =>
  new RegExp(`\`\`\`${language}\\n(.*?)\\n\`\`\``, 's').exec(text)?.[1]

/** The arguments of a command line as a shell has them: divided at spaces, but for those in single quotes. */
export const argumentsOf = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? (bare as string)).slice(1)

/** A row of an answer as SQL gives it: the values of the groups, the count, and the aggregates in their order. */
export function rowsOfAnswer(text: string, isGrouped: boolean): unknown[][] {
  const answer = JSON.parse(text)
  if (answer.rows) return answer.rows.map((row: object) => Object.values(row))
  return answer.groups.map(({ group, count, aggregates }: { group?: unknown; count: number; aggregates?: object }) => [
    ...(isGrouped ? [group].flat() : []),
    count,
    ...Object.values(aggregates ?? {}),
  ])
}

/** Values in one form for both sides: a time to the microsecond, a range by its bounds, a number with twelve digits. */
export function plain(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'object') {
    const { from, to } = value as { from: unknown; to: unknown }
    return `${from ?? ''}..${to ?? ''}`
  }
  const text = String(value)
  if (/^\d{4}-\d\d-\d\d[ T]\d\d:/.test(text))
    return new Date(/[Z+]/.test(text) ? text.replace(/\+00$/, 'Z') : `${text}Z`).toISOString()
  if (/^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text)) return Number(text).toPrecision(12)
  return text
}
