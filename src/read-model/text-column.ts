import type { TextLanguage } from './text-language.ts'

/** A column whose text is searched. */
export interface TextColumn {
  column: string
  /** What its words count for in the order by relevance, beside those of other columns: 0.1 to 100. Default 1. */
  weight?: number
  /** Its language, if it differs from that of the target. */
  language?: TextLanguage
  /** What divides its text into words, in place of Trifold's own: an analyzer of the engine, or of `analysis`. */
  analyzer?: string
}

/** The same with everything that is left out. */
export type SearchedColumn = Pick<TextColumn, 'column' | 'language' | 'analyzer'> & { weight: number }

/** The columns of full text as the configuration has them. */
export interface TextSettings {
  text?: readonly (string | TextColumn)[]
  language?: TextLanguage
}

/** The columns of full text, each with its weight and its language. */
export const searchedColumns = ({ text = [], language }: TextSettings = {}): SearchedColumn[] =>
  text.map((one) => ({
    weight: 1,
    ...(language && !(typeof one === 'object' && one.analyzer) && { language }),
    ...(typeof one === 'string' ? { column: one } : one),
  }))
