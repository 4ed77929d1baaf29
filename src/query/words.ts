/** Most words of a request. */
export const mostWords = 100

/** Longest word, in characters: the engine divides longer ones. */
export const longestWord = 255

/** What is looked for as one: a word, or what stands in quotes. */
export interface Word {
  text: string
  isPhrase: boolean
}

const alone = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Extended_Pictographic}'
const flag = '\\p{Regional_Indicator}{2}'
const part = new RegExp(
  `[${alone}]|${flag}|\\p{Script=Katakana}+|(?:(?![${alone}\\p{Script=Katakana}])[\\p{L}\\p{N}\\p{M}])+`,
  'gu',
)

/** At most so many terms will the engine look for: what hyphens and the like join counts by its parts. */
export const partsOfWords = (query: string): number => query.match(part)?.length ?? 0

/** What blanks divide outside of quotes, without what holds no word. A quote without another is a character like others. */
export const wordsOf = (query: string): Word[] =>
  [...query.matchAll(/"([^"]*)"|[^\s"]+|"/gu)]
    .map(([text, quoted]): Word => ({ text: quoted ?? text, isPhrase: quoted !== undefined }))
    .filter(({ text }) => partsOfWords(text) > 0)

/** Words written as one, without what divides or joins their parts. */
export const joinedOf = (words: readonly Word[]): string =>
  words.map(({ text }) => text.match(part)?.join('') ?? '').join('')

/** A word without case and accents: near to what the engine compares, for putting the same words together. */
export const folded = (word: string): string => word.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
