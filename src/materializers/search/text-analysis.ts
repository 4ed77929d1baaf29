import { stemsAnalyzer } from '../../query/search/fields.ts'
import type { SearchedColumn } from '../../read-model/text-column.ts'
import type { TextLanguage } from '../../read-model/text-language.ts'
import { accentRules, marks } from './text-accents.ts'
import { compatibilityRules } from './text-compatibility.ts'

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

const names = { stored: 'trifold_stored', asked: 'trifold_asked', joined: 'trifold_joined', score: 'trifold_score' }

const storedAnalyzer = (language?: TextLanguage) => (language ? `${names.stored}_${language}` : names.stored)

/** The mapping of the sub-field of a column that full text search uses. */
export const textMapping = ({ language, analyzer }: Partial<SearchedColumn> = {}) => ({
  type: 'text',
  analyzer: analyzer ?? storedAnalyzer(language),
  search_analyzer: analyzer ?? names.asked,
  similarity: names.score,
})

/** The mapping of the sub-field that has every two words which follow each other as one. */
export const joinedMapping = {
  type: 'text',
  analyzer: names.joined,
  search_analyzer: names.asked,
  norms: false,
  index_options: 'docs',
}

/**
 * The settings of full text. Words are found without regard to case, width and accents, also if an accent is a separate
 * character. What a hyphen, a slash, a dot, an apostrophe or an underscore joins is found by its parts and as one word: `Wi-Fi` by
 * `fi` and by `wifi`. With a language, a word is also stored in the form that it has in common with others, marked, so
 * that the word itself can be told from it.
 *
 * A score depends on nothing but the row and the words: not on the other rows, as the engine's own scores do. So a page
 * by relevance continues where the one before ended while other rows are written, and a rare typo is worth no more than
 * the word itself.
 */
export function textSettings(languages: ReadonlySet<TextLanguage | undefined> = new Set()): Record<string, unknown> {
  const known = [...languages].filter((language) => language !== undefined)
  const perLanguage = <T>(made: (language: TextLanguage) => Record<string, T>) =>
    Object.assign({}, ...known.map(made)) as Record<string, T>
  return {
    analysis: {
      char_filter: {
        trifold_accents: { type: 'mapping', mappings: [...accentRules(), ...compatibilityRules()] },
        // The tokenizer divides at hyphens and slashes, and not at underscores.
        trifold_hyphens: {
          type: 'pattern_replace',
          pattern: '(?<=[\\p{L}\\p{N}])[-/\\u2010\\u2011\\uff0f](?=[\\p{L}\\p{N}])',
          replacement: '_',
        },
      },
      filter: {
        trifold_parts: { type: 'word_delimiter_graph', ...undivided },
        trifold_parts_and_whole: { type: 'word_delimiter_graph', ...undivided, catenate_all: true },
        trifold_marks: { type: 'pattern_replace', pattern: marks, replacement: '' },
        trifold_pairs: {
          type: 'shingle',
          min_shingle_size: 2,
          max_shingle_size: 2,
          output_unigrams: false,
          token_separator: '',
        },
        trifold_marked: { type: 'pattern_replace', pattern: '^', replacement: mark, all: false },
        ...perLanguage((language) => ({ [stemmerOf(language)]: { type: 'stemmer', language: stemmers[language] } })),
        ...perLanguage((language) => ({
          [`trifold_forms_${language}`]: { type: 'multiplexer', filters: [`${stemmerOf(language)}, trifold_marked`] },
        })),
      },
      analyzer: {
        [names.stored]: analyzer(partsAndWhole),
        [names.asked]: analyzer(parts),
        [names.joined]: analyzer(parts, 'trifold_pairs'),
        ...perLanguage((language) => ({
          [storedAnalyzer(language)]: analyzer(partsAndWhole, `trifold_forms_${language}`),
          [stemsAnalyzer(language)]: analyzer(parts, stemmerOf(language), 'trifold_marked'),
        })),
      },
    },
    similarity: { [names.score]: { type: 'scripted', script: { source: score } } },
  }
}

const stemmerOf = (language: TextLanguage) => `trifold_stemmer_${language}`

const parts = ['trifold_parts']
const partsAndWhole = ['trifold_parts_and_whole', 'flatten_graph']

/** Folding comes last: stemmers know words by their accents. */
const analyzer = (divided: readonly string[], ...forms: string[]) => ({
  type: 'custom',
  char_filter: ['trifold_accents', 'trifold_hyphens'],
  tokenizer: 'standard',
  filter: [...divided, 'cjk_width', 'lowercase', 'trifold_marks', ...forms, 'asciifolding'],
})

/** In front of the common form of words. No word begins with it. */
const mark = '~'

/** `SKU100` and `iPhone` are one part. */
const undivided = { split_on_case_change: false, split_on_numerics: false, stem_english_possessive: false }

/** Below 1 for a word, more for one that comes often, less in a long text. */
const score = 'return query.boost * doc.freq / (doc.freq + 0.3 + 0.1 * doc.length);'
