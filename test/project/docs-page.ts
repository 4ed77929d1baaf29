import { textOf } from './repository.ts'

/** A code block of a page, in the order of the page. */
export interface Block {
  /** The file that it shows in full: a bold name in front of it. */
  file: string | undefined
  language: string
  text: string
  line: number
}

const pattern = /(?:^\*\*`([^`\n]+)`\*\*\n\n)?^```(\w+)\n(.*?)^```$/gms

/** The code blocks of a Markdown file of this repository. */
export function blocksOf(page: string): Block[] {
  const text = textOf(page)
  return [...text.matchAll(pattern)].map((match) => ({
    file: match[1],
    language: match[2] as string,
    text: match[3] as string,
    line: text.slice(0, match.index).split('\n').length,
  }))
}
