import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { textOf } from './repository.ts'

const block = /^\*\*`([^`\n]+)`\*\*\n\n```\w+\n(.*?)^```$/gms

/** The files that the README shows in full, by name: a bold name in front of a code block. */
export function readmeFiles(): Map<string, string> {
  return new Map([...textOf('README.md').matchAll(block)].map((match) => [match[1] as string, match[2] as string]))
}

/** Writes them below `folder`. */
export async function writeReadmeFiles(folder: string): Promise<void> {
  for (const [name, text] of readmeFiles()) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
}
