/** Which typos full text forgives, if a request does not say `typos: false`. */
export interface Forgiveness {
  /** Most edits in a word: default 2, of which words shorter than six letters get one, and shorter than three none. */
  edits?: 0 | 1 | 2
  /** Whether the first letter of a word has to be right; default: only in words of three and four letters. */
  firstLetter?: boolean
  /** Only while fewer rows than this have the words without a typo; default: always. It costs a count of them. */
  below?: number
}

/** How words are looked for in an index. Nothing of it is stored there: another setting needs no rebuild. */
export interface TextRules {
  /** Which typos are forgiven. */
  typos?: Forgiveness
  /** Lists of words, or of several words in order, that find each other: `[['tv', 'television set'], ['sofa', 'couch']]`. */
  synonyms?: readonly (readonly string[])[]
}
