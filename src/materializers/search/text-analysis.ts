import type { TextLanguage } from '../../read-model/text-language.ts'

/** The engine's name of the lightest way to bring the words of a language to a common form. */
const stemmers: Record<TextLanguage, string> = {
  arabic: 'arabic',
  danish: 'danish',
  dutch: 'dutch',
  english: 'light_english',
  finnish: 'light_finnish',
  french: 'light_french',
  german: 'light_german',
  hungarian: 'light_hungarian',
  italian: 'light_italian',
  norwegian: 'light_norwegian',
  portuguese: 'light_portuguese',
  russian: 'light_russian',
  spanish: 'light_spanish',
  swedish: 'light_swedish',
}

const names = { stored: 'trifold_stored', asked: 'trifold_asked', score: 'trifold_score' } as const

/** The mapping of the sub-field of a column that full text search uses. */
export const textMapping = {
  type: 'text',
  analyzer: names.stored,
  search_analyzer: names.asked,
  similarity: names.score,
} as const

/**
 * The settings of full text. Words are found without regard to case and accents, also where an accent is a character of
 * its own. What a hyphen, a dot, an apostrophe or an underscore joins is found by its parts and as one word: `Wi-Fi` by
 * `fi` and by `wifi`. With a language, the forms of a word are found by each other.
 *
 * A score depends on nothing but the row and the words: not on the other rows, as the engine's own scores do. So a page
 * by relevance continues where the one before ended while other rows are written, and a rare typo is worth no more than
 * the word itself.
 */
export function textSettings(language?: TextLanguage): Record<string, unknown> {
  const words = ['lowercase', 'trifold_marks', ...(language ? ['trifold_stems'] : []), 'asciifolding']
  const analyzer = { type: 'custom', char_filter: ['trifold_hyphens'], tokenizer: 'standard' }
  return {
    analysis: {
      // The tokenizer divides at hyphens, and not at underscores.
      char_filter: {
        trifold_hyphens: {
          type: 'pattern_replace',
          pattern: '(?<=[\\p{L}\\p{N}])[-\\u2010\\u2011](?=[\\p{L}\\p{N}])',
          replacement: '_',
        },
      },
      filter: {
        trifold_parts: { type: 'word_delimiter_graph', ...undivided },
        trifold_parts_and_whole: { type: 'word_delimiter_graph', ...undivided, catenate_all: true },
        trifold_marks: { type: 'pattern_replace', pattern: marks, replacement: '' },
        ...(language && { trifold_stems: { type: 'stemmer', language: stemmers[language] } }),
      },
      analyzer: {
        [names.stored]: { ...analyzer, filter: ['trifold_parts_and_whole', 'flatten_graph', ...words] },
        [names.asked]: { ...analyzer, filter: ['trifold_parts', ...words] },
      },
    },
    similarity: { [names.score]: { type: 'scripted', script: { source: score } } },
  }
}

/** `SKU100` and `iPhone` are one part. */
const undivided = { split_on_case_change: false, split_on_numerics: false, stem_english_possessive: false }

/** The accents of a Latin letter that are characters of their own; in other scripts they may be letters. */
const marks = '(?<=\\p{IsLatin}[\\u0300-\\u036f]{0,9})[\\u0300-\\u036f]'

/** Below 1 for a word, more for one that comes often, less in a long text. */
const score = 'return query.boost * doc.freq / (doc.freq + 0.3 + 0.1 * doc.length);'
