/** Languages whose full text is searched by the forms of a word. */
export const textLanguages = [
  'arabic',
  'danish',
  'dutch',
  'english',
  'finnish',
  'french',
  'german',
  'hungarian',
  'italian',
  'norwegian',
  'portuguese',
  'russian',
  'spanish',
  'swedish',
] as const

/** A language of full text. */
export type TextLanguage = (typeof textLanguages)[number]
