/** The accents of a Latin letter that are characters of their own; in other scripts they may be letters. */
export const marks = '(?<=\\p{IsLatin}[\\u0300-\\u036f]{0,9})[\\u0300-\\u036f]'

/** Cyrillic letters that are letters of their own, though their form is another one's with an accent. */
const letters = new Set([...'йЙїЇўЎёЁ'])

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, place) => String.fromCharCode(from + place))

/**
 * The rules by which letters of other scripts than Latin lose their accents, as a `mapping` of characters: the tonos and
 * the breathings of Greek, the points of Hebrew, the vowel signs of Arabic with the seats of hamza, and stress in Cyrillic.
 * `ё` becomes `е`, as most people write it. The decompositions are those of Unicode.
 */
export function accentRules(): string[] {
  const composed = [...range(0x370, 0x3ff), ...range(0x1f00, 0x1fff)].flatMap((letter) => {
    const [base] = letter.normalize('NFD')
    return base !== undefined && base !== letter && /\p{L}/u.test(base) ? [`${letter} => ${base}`] : []
  })
  const separate = [...letters].map((letter) => `${letter.normalize('NFD')} => ${withoutDots[letter] ?? letter}`)
  const written = Object.entries(withoutDots).map(([letter, base]) => `${letter} => ${base}`)
  return [
    ...composed,
    ...separate,
    ...written,
    ...arabic,
    ...[...hebrewPoints, ...arabicSigns, ...greekMarks].map(gone),
  ]
}

const withoutDots: Record<string, string> = { ё: 'е', Ё: 'Е' }
const arabic = ['أ => ا', 'إ => ا', 'آ => ا', 'ٱ => ا']
const hebrewPoints = [...range(0x591, 0x5bd), '\u05bf', '\u05c1', '\u05c2', '\u05c4', '\u05c5', '\u05c7']
const arabicSigns = [...range(0x64b, 0x655), '\u0670', '\u0640']
/** Behind Greek and Cyrillic letters; those of Latin ones are removed with the others there. */
const greekMarks = ['\u0300', '\u0301', '\u0308', '\u0313', '\u0314', '\u0342', '\u0345']

const gone = (letter: string): string => `${escaped(letter)} => `

const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
