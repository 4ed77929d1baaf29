import { folded, joinedOf, type Word } from '../words.ts'

/**
 * What else each word may be found as: for a word, or several that follow each other, the others of its list. Case and
 * accents make no difference. What stands in quotes is found as it is written only.
 *
 * @returns for each word its synonyms
 */
export function synonymsOf(words: readonly Word[], lists: readonly (readonly string[])[] = []): string[][] {
  const found = words.map((): string[] => [])
  if (lists.length === 0) return found
  const written = words.map((word) => (word.isPhrase ? undefined : formOf(word.text)))
  for (const list of lists)
    for (const one of list)
      for (const place of placesOf(
        written,
        one
          .trim()
          .split(/\s+/)
          .map((word) => formOf(word)),
      ))
        found[place]?.push(...list.filter((other) => other !== one))
  return found.map((some) => [...new Set(some)])
}

/** As words are compared: `Wi-Fi` is `wifi`. */
const formOf = (text: string): string => folded(joinedOf([{ text, isPhrase: false }]))

/** The places of some words wherever they follow each other. */
function placesOf(written: readonly (string | undefined)[], wanted: readonly string[]): number[] {
  const starts = written.flatMap((_, start) =>
    wanted.every((word, offset) => written[start + offset] === word) ? [start] : [],
  )
  return starts.flatMap((start) => wanted.map((_, offset) => start + offset))
}
