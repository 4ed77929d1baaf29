/** How a term of `sort` asks for it, behind the column. */
export const ignoringCase = ' ignoring case'

/**
 * A text in lower case, as every target compares it: the rules of Unicode without those of a language. A sigma at the end
 * of a word is one like others, since engines differ in where a word ends.
 */
export const lowerCase = (text: string): string => text.toLowerCase().replaceAll('ς', 'σ')

/** The same in SQL, whatever the locale of the database; compared by bytes. */
export const lowerCaseSql = (text: string): string =>
  `(replace(lower(${text} collate "und-x-icu"), 'ς', 'σ')) collate "C"`

/** Characters of a text in lower case by which an index can order it; PostgreSQL takes them all. */
export const longestOrdered = 8_000

/** Whether an index lacks the end of a text in lower case. Only one character becomes longer there: two for a dotted I. */
export const isCutInLowerCase = (text: string): boolean =>
  text.length * 2 > longestOrdered && [...lowerCase(text)].length > longestOrdered
