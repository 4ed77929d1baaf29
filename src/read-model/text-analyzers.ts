import type { TextLanguage } from './text-language.ts'

/** The name of the analyzer that gives the forms of a word, as an index of the language has them. */
export const stemsAnalyzer = (language: TextLanguage): string => `trifold_stems_${language}`
