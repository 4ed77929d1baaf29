import type { TextLanguage } from '../../src/read-model/text-language.ts'

/** What a peer does by default, as its documentation says: an index, and how words are looked for in its fields. */
export interface Peer {
  name: string
  indexBody(fields: readonly string[], language: TextLanguage): Record<string, unknown>
  query(typed: string, fields: readonly string[], language: TextLanguage): Record<string, unknown>
}

const capitalized = (language: TextLanguage): string => language[0]?.toUpperCase() + language.slice(1)

/** OpenSearch's own: the analyzer of the language, and a `multi_match` with `fuzziness: AUTO` over all fields. */
export const plainEngine: Peer = {
  name: "the engine's language analyzer, multi_match, fuzziness AUTO",
  indexBody: (fields, language) => ({
    mappings: { properties: Object.fromEntries(fields.map((field) => [field, { type: 'text', analyzer: language }])) },
  }),
  query: (query, fields) => ({ multi_match: { query, fields, fuzziness: 'AUTO', operator: 'and' } }),
}

/**
 * The analysis that Searchkick documents: words folded and stemmed, two words that follow each other as one too, each field
 * asked twice as it is and twice with one edit, all words in the same field.
 */
export const searchkick: Peer = {
  name: "Searchkick's documented defaults",
  indexBody: (fields, language) => ({
    settings: {
      analysis: {
        filter: {
          stem: { type: 'snowball', language: capitalized(language) },
          pairs: { type: 'shingle', token_separator: '' },
          only_pairs: {
            type: 'shingle',
            token_separator: '',
            output_unigrams: false,
            output_unigrams_if_no_shingles: true,
          },
        },
        analyzer: {
          stored: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'asciifolding', 'pairs', 'stem'] },
          joined: {
            type: 'custom',
            tokenizer: 'standard',
            filter: ['lowercase', 'asciifolding', 'only_pairs', 'stem'],
          },
          words: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'asciifolding', 'stem'] },
        },
      },
    },
    mappings: { properties: Object.fromEntries(fields.map((field) => [field, { type: 'text', analyzer: 'stored' }])) },
  }),
  query: (query, fields) => ({
    dis_max: {
      queries: fields.flatMap((field) =>
        ['joined', 'words'].flatMap((analyzer) => {
          const asked = { query, operator: 'and', analyzer }
          const edited = { fuzziness: 1, prefix_length: 0, max_expansions: 3, fuzzy_transpositions: true, boost: 1 }
          return [{ match: { [field]: { ...asked, boost: 10 } } }, { match: { [field]: { ...asked, ...edited } } }]
        }),
      ),
    },
  }),
}
