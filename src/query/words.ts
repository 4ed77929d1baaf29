/** Most words of a request. */
export const mostWords = 100

/** Longest word, in characters: the engine divides longer ones. */
export const longestWord = 255

const alone = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Extended_Pictographic}'
const part = new RegExp(
  `[${alone}]|\\p{Script=Katakana}+|(?:(?![${alone}\\p{Script=Katakana}])[\\p{L}\\p{N}\\p{M}])+`,
  'gu',
)

/** At most so many terms will the engine look for: what hyphens and the like join counts by its parts. */
export const partsOfWords = (query: string): number => query.match(part)?.length ?? 0

/** What blanks divide, without what holds no word. */
export const wordsOf = (query: string): string[] => query.split(/\s+/).filter((word) => partsOfWords(word) > 0)
