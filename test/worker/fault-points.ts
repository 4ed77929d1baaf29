import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../../src', import.meta.url))

/** The names of all fault points of a worker that is fed by events, as the source has them. */
export async function faultPoints(): Promise<string[]> {
  const files = await readdir(source, { recursive: true })
  const texts = await Promise.all(
    files.filter((file) => file.endsWith('.ts')).map((file) => readFile(join(source, file), 'utf8')),
  )
  const found = texts.flatMap((text) =>
    [...text.matchAll(/faultPoint\('([^']+)'\)/g)].map((match) => match[1] as string),
  )
  return [...new Set(found)].filter((name) => /^(lease|page|rebuild|search|table|tick):/.test(name)).sort()
}
