import { longestOrdered } from '../../query/letter-case.ts'

const normalizer = 'trifold_ignoring_case'

/** The mapping of the sub-field of a text by which rows are ordered without regard to upper and lower case. */
export const ignoringCaseMapping = { type: 'keyword', normalizer, index: false }

/**
 * What gives such a field the form that the other targets compare. The engine's lower case goes by single characters: it takes
 * the dot off a capital I that has one, which is two characters in lower case. A long text is cut, since a term has at most
 * 32,766 bytes, behind one character more than an order may depend on.
 */
export const ignoringCaseAnalysis = {
  char_filter: {
    trifold_case_rules: { type: 'mapping', mappings: ['\u0130 => i\u0307', 'ς => σ'] },
    trifold_case_cut: {
      type: 'pattern_replace',
      pattern: `(?s)^(.{${longestOrdered + 1}}).+$`,
      replacement: '$1',
    },
  },
  normalizer: {
    [normalizer]: { type: 'custom', char_filter: ['trifold_case_rules', 'trifold_case_cut'], filter: ['lowercase'] },
  },
}
