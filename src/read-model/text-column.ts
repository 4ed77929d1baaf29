import type { TextLanguage } from './text-language.ts'

/** A column whose text is searched. */
export interface TextColumn {
  column: string
  /** What its words count for in the order by relevance, beside those of other columns: 0.1 to 100. Default 1. */
  weight?: number
  /** Its language, if it differs from that of the target. */
  language?: TextLanguage
}

/** The same with everything that is left out. */
export type SearchedColumn = Pick<TextColumn, 'column' | 'language'> & { weight: number }

/** The columns of full text as the configuration has them. */
export interface TextSettings {
  text?: readonly (string | TextColumn)[]
  language?: TextLanguage
}

/** The columns of full text, each with its weight and its language. */
export const searchedColumns = ({ text = [], language }: TextSettings = {}): SearchedColumn[] =>
  text.map((one) => ({
    weight: 1,
    ...(language && { language }),
    ...(typeof one === 'string' ? { column: one } : one),
  }))
