import type { SearchedColumn } from '../../read-model/text-column.ts'
import type { TextLanguage } from '../../read-model/text-language.ts'
import { joinedOf, partsOfWords, type Word } from '../words.ts'
import { joinedFields, stemsAnalyzer, textFields } from './fields.ts'

export type Clause = Record<string, unknown>

/** The fields in which words are looked for. */
export interface Columns {
  /** With their weights, as the engine writes them: `title.text^3`. */
  fields: readonly string[]
  /** Pairs of words, joined. */
  joined: readonly string[]
  languages: ReadonlyMap<TextLanguage, readonly string[]>
  /** The sum of the weights of all fields. */
  weight: number
}

/** What is looked for besides the words as they are written. */
export interface Looked {
  /** Whether there is room for other forms of a word. */
  isWhole: boolean
  /** Most edits that are forgiven in a word. */
  edits: 0 | 1 | 2
  /** Whether the first letter has to be right in words of any length. */
  firstLetter: boolean
  prefix: boolean
  /** Most words that a word with a typo may stand for. */
  variants: number
}

/** How near to a word each way of finding it comes; one step up outweighs all that counts below it. */
export const ranks = { written: 16, form: 8, joined: 4, going: 4, oneEdit: 2, twoEdits: 1 } as const

export interface Way {
  rank: keyof typeof ranks
  clause: Clause
}

/** Of a word that is shorter, another first letter makes another word. */
const longEnough = 5

export function columnsOf(searched: readonly SearchedColumn[]): Columns {
  const languages = new Map<TextLanguage, string[]>()
  for (const { column, language } of searched)
    if (language) languages.set(language, [...(languages.get(language) ?? []), ...textFields(column)])
  return {
    fields: searched.flatMap(({ column, weight }) => textFields(column).map((field) => `${field}^${weight}`)),
    joined: searched.flatMap(({ column }) => joinedFields(column)),
    languages,
    weight: searched.reduce((sum, { weight }) => sum + 2 * weight, 0),
  }
}

/** The word as it is written: its parts in one field, those of a phrase in their order. */
export const exactly = ({ text, isPhrase }: Word, { fields }: Columns): Clause =>
  isPhrase ? phrase(text, fields) : { multi_match: { query: text, fields, operator: 'and' } }

/** All words one behind the other in one field. */
export const inOrder = (query: string, { fields }: Columns): Clause => phrase(query.replaceAll('"', ' '), fields)

const phrase = (query: string, fields: readonly string[]): Clause => ({
  multi_match: { query, fields, type: 'phrase' },
})

/** The ways in which a row may hold the word at `place`. What stands in quotes is found as it is written only. */
export function waysToFind(
  words: readonly Word[],
  place: number,
  columns: Columns,
  looked: Looked,
  synonyms: readonly string[] = [],
): Way[] {
  const word = words[place] as Word
  const written = [word.text, ...otherComposition(word.text)].map(
    (text): Way => ({ rank: 'written', clause: exactly({ ...word, text }, columns) }),
  )
  if (word.isPhrase) return written
  const isLast = place === words.length - 1
  return [
    ...written,
    ...(looked.isWhole
      ? [...otherForms(word, columns), ...joined(words, place, columns), ...meaning(synonyms, columns)]
      : []),
    ...(looked.prefix && isLast ? [going(word, columns)] : []),
    ...(looked.edits > 0 ? edited(word, columns, looked) : []),
  ]
}

/** The engine folds accents away, but composes no syllables of Hangul: some systems write file names in their letters. */
function otherComposition(text: string): string[] {
  if (!/\p{Script=Hangul}/u.test(text)) return []
  const composed = text.normalize('NFC')
  return [composed === text ? text.normalize('NFD') : composed]
}

const otherForms = ({ text }: Word, { languages }: Columns): Way[] =>
  [...languages].map(([language, fields]) => ({
    rank: 'form',
    clause: { multi_match: { query: text, fields, operator: 'and', analyzer: stemsAnalyzer(language) } },
  }))

/** Words that mean the same count as another form of it. */
const meaning = (synonyms: readonly string[], columns: Columns): Way[] =>
  synonyms.map((text) => ({ rank: 'form', clause: exactly({ text, isPhrase: true }, columns) }))

/** `wifi` is found as `wi fi`, and `wi fi` and `wi-fi` as `wifi`: with the word before, with the one behind, or in itself. */
function joined(words: readonly Word[], place: number, { fields, joined }: Columns): Way[] {
  const word = words[place] as Word
  const pairs = [words.slice(Math.max(0, place - 1), place + 1), words.slice(place, place + 2)]
  const besides = pairs.filter((pair) => pair.length === 2 && pair.every(({ isPhrase }) => !isPhrase))
  const itself = joinedOf([word])
  const others = [...besides.map(joinedOf), itself].filter((one) => one !== word.text)
  const asked = [...others.map((query) => ({ query, fields })), { query: itself, fields: joined }]
  return asked
    .filter(({ query }) => partsOfWords(query) === 1)
    .map((multi_match) => ({ rank: 'joined', clause: { multi_match } }))
}

const going = ({ text }: Word, { fields }: Columns): Way => ({
  rank: 'going',
  clause: { multi_match: { query: text, fields, operator: 'and', type: 'bool_prefix' } },
})

/**
 * The engine's AUTO distance is one edit from three letters on and two from six on. A word with a digit is a number or a
 * code: another one is not a typo of it.
 */
function edited({ text }: Word, { fields }: Columns, { variants, isWhole, edits, firstLetter }: Looked): Way[] {
  if (/\p{N}/u.test(text)) return []
  const length = [...text].length
  const common = { query: text, fields, operator: 'and', prefix_length: firstLetter || length < longEnough ? 1 : 0 }
  const within = (fuzziness: string): Clause => ({ multi_match: { ...common, fuzziness, max_expansions: variants } })
  const near: Way = { rank: 'oneEdit', clause: within(length < 6 ? 'AUTO' : '1') }
  const far: Way = { rank: 'twoEdits', clause: within('AUTO') }
  if (edits === 1) return [near]
  if (!isWhole) return [far]
  return length < 6 ? [near] : [near, far]
}
