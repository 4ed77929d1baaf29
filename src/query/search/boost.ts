import type { NumberBoost } from '../../read-model/text-rules.ts'
import type { Clause } from './text-word.ts'

/** Between 0 and the weight, half of it at `half`: however large a number is, it outweighs no nearer match. */
export const boostClause = ({ column, half, weight = 1 }: NumberBoost): Clause => ({
  script_score: {
    query: { exists: { field: column } },
    script: {
      source: 'params.weight * (1 - params.half / (params.half + Math.max(0, doc[params.column].value)))',
      params: { column, half, weight },
    },
  },
})
