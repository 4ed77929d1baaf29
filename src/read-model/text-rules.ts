/** Which typos full text forgives, if a request does not say `typos: false`. */
export interface Forgiveness {
  /** Most edits in a word: default 2, of which words shorter than six letters get one, and shorter than three none. */
  edits?: 0 | 1 | 2
  /** Whether the first letter of a word has to be right; default: only in words of three and four letters. */
  firstLetter?: boolean
  /** Only while fewer rows than this have the words without a typo; default: always. It costs a count of them. */
  below?: number
}

/** A number that ranks rows which come as near to the words that are asked for: the larger, the further in front. */
export interface NumberBoost {
  /** A column of numbers; one below 0 counts as 0, and a missing one too. */
  column: string
  /** The number that counts half of the weight: of a larger one more, and never all. */
  half: number
  /** What it counts for beside the words, of which each counts up to 1 in a column of weight 1: 0.1 to 100. Default 1. */
  weight?: number
}

/** How words are looked for in an index. Nothing of it is stored there: another setting needs no rebuild. */
export interface TextRules {
  /** Which typos are forgiven. */
  typos?: Forgiveness
  /** Lists of words, or of several words in order, that find each other: `[['tv', 'television set'], ['sofa', 'couch']]`. */
  synonyms?: readonly (readonly string[])[]
  /** Numbers that put one row before another, but never a farther match before a nearer one. */
  boosts?: readonly NumberBoost[]
}
