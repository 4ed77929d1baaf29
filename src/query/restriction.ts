import type { Definition } from '../definition.ts'
import type { Row } from '../encoding.ts'
import { chosenColumns } from './chosen.ts'
import { invalidQuery } from './invalid.ts'
import { insteadOf } from './nearest.ts'
import { type Parts, partsOf, understood } from './parts.ts'
import type { Where } from './request.ts'
import { type Condition, conditionsOf, type Readable } from './where.ts'

/** What a reader may see of a read model; no request can widen it. */
export interface Restriction<R = Row, C extends keyof R & string = keyof R & string> {
  /** The only columns that there are for it, all columns of the key among them. Default: every column. */
  columns?: readonly C[]
  /** Conditions, as `find` takes them, that every row fulfils which counts for an answer. They may name every column. */
  where?: Where<R>
}

const terms = ['columns', 'where']

/**
 * What is left of a source once it is restricted, after the restrictions that it has.
 *
 * @param restriction as it came
 * @throws QUERY_INVALID
 */
export function restricted<Source extends Readable>(source: Source, restriction: unknown): Source {
  return understood(() => {
    const asked = askedOf(restriction)
    const { definition, fixed = [] } = source
    const conditions = 'where' in asked ? fixedConditions(definition, asked.where) : []
    return { ...source, definition: withColumns(definition, asked), fixed: [...fixed, ...conditions] }
  })
}

/** A restriction that got lost must not let everything be seen. */
function askedOf(restriction: unknown): Parts {
  if (restriction === undefined)
    throw invalidQuery('a restriction is undefined; say what may be seen, or do not restrict')
  const asked = partsOf('restrict', restriction)
  for (const name of Object.keys(asked))
    if (!terms.includes(name))
      throw invalidQuery(`restrict does not take \`${name.slice(0, 60)}\`; ${insteadOf(name, terms, 'it takes')}`)
  if (Object.keys(asked).length === 0) throw invalidQuery('restrict takes `columns`, `where` or both, and got neither')
  return asked
}

function fixedConditions(definition: Definition, where: unknown): Condition[] {
  const conditions = where === undefined ? [] : conditionsOf({ definition }, where)
  if (conditions.length > 0) return conditions
  throw invalidQuery(
    `\`where\` of a restriction is ${where === undefined ? 'undefined' : 'empty'}; leave it out, or name a column`,
  )
}

function withColumns(definition: Definition, asked: Parts): Definition {
  if (!('columns' in asked)) return definition
  if (asked.columns === undefined)
    throw invalidQuery('`columns` of a restriction is undefined; leave it out, or name the columns')
  const shown = chosenColumns(definition, asked.columns)
  const hidden = definition.key.find((column) => !shown.includes(column))
  if (hidden) throw invalidQuery(`a restriction cannot hide ${hidden.name}, a column of the key; add it to \`columns\``)
  return { ...definition, columns: definition.columns.filter((column) => shown.includes(column)) }
}
