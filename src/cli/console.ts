import { styleText } from 'node:util'

const styles = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const

/** Each puts a text in its style, or returns it as it is. */
export type Colors = Record<(typeof styles)[number], (text: string) => string>

/** Where a command writes: a terminal, a pipe, or a test. */
export interface OutputStream {
  isTTY?: boolean
  columns?: number
  write(text: string): unknown
}

/** What every command is given. */
export interface Console {
  /** Results. */
  stdout: OutputStream
  /** Everything that is not a result: progress, errors. */
  stderr: OutputStream
  /** Set by a command that did its work and has bad news; 0 until then. */
  exitCode: number
}

/** Colours only for a terminal. */
export function colorsOf(stream: OutputStream): Colors {
  const colored = stream.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  const colors = styles.map((style) => [
    style,
    (text: string) => (colored ? styleText(style, text, { validateStream: false }) : text),
  ])
  return Object.fromEntries(colors)
}

/** Undefined values are written as null, so that the keys are always the same. */
const withNull = (_key: string, value: unknown): unknown => (value === undefined ? null : value)

/** Writes one JSON document. */
export const printJson = (stream: OutputStream, value: unknown): void => {
  stream.write(`${JSON.stringify(value, withNull, 2)}\n`)
}

/** Writes one JSON document on its own line, as a log needs it. */
export const printJsonLine = (stream: OutputStream, value: unknown): void => {
  stream.write(`${JSON.stringify(value, withNull)}\n`)
}

/** Writes a result: for programs with `--json`, else for people. */
export function print(console: Console, json: boolean | undefined, value: unknown, lines: () => string): void {
  if (json) printJson(console.stdout, value)
  else console.stdout.write(`${lines()}\n`)
}
