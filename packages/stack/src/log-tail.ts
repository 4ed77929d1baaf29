import { readFile } from 'node:fs/promises'

/** The last lines of a log, or a remark that there are none. */
export async function lastLines(logFile: string, count: number): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '')
  const lines = text.trimEnd().split('\n').slice(-count)
  return text.trim() === '' ? '(empty)' : lines.map((line) => `  ${line}`).join('\n')
}
