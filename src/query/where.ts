import type { Definition } from '../definition.ts'
import { type ColumnCondition, columnConditions } from './conditions.ts'
import { invalidQuery } from './invalid.ts'
import { partsOf, shown } from './parts.ts'

/**
 * One checked condition, or several that are joined. Each is true or false of a row, never unknown: a comparison with a
 * missing value is false, and `not` finds exactly the rows that its condition does not.
 */
export type Condition =
  | ColumnCondition
  | { operator: 'and' | 'or'; conditions: Condition[] }
  | { operator: 'not'; condition: Condition }

/** Most conditions of a request: with the most words that full text takes, an index has room for no more. */
const mostConditions = 100

/** How deep conditions may be joined. */
const mostLevels = 10

const joins = ['and', 'or', 'not'] as const
type Join = (typeof joins)[number]

/** What may be read: the columns of a definition, and of the rows those that fulfil all conditions. */
export interface Readable {
  definition: Definition
  fixed?: readonly Condition[]
}

/**
 * Checks conditions against what may be read: all of those returned must hold, the fixed ones among them.
 *
 * @param where as it came
 * @throws QUERY_INVALID naming the column, and what it would take
 */
export const conditionsOf = ({ definition, fixed = [] }: Readable, where: unknown = {}): Condition[] => [
  ...fixed,
  ...new WhereReader(definition).read('`where`', where),
]

class WhereReader {
  private readonly definition: Definition
  private count = 0
  private level = 0

  constructor(definition: Definition) {
    this.definition = definition
  }

  read(what: string, where: unknown): Condition[] {
    this.descend()
    const conditions = Object.entries(partsOf(what, where)).flatMap(([name, asked]) => this.part(name, asked))
    this.level -= 1
    return conditions
  }

  private part(name: string, asked: unknown): Condition[] {
    const join = joins.find((one) => one === name)
    if (join) return this.joined(join, asked)
    const conditions = columnConditions(this.definition, name, asked)
    this.add(conditions.length)
    return conditions
  }

  private joined(join: Join, asked: unknown): Condition[] {
    if (this.definition.columns.some(({ name }) => name === join)) throw ambiguous(this.definition, join)
    if (join === 'not') return [{ operator: 'not', condition: this.member(join, asked) }]
    if (!Array.isArray(asked) || asked.length === 0) {
      const given = Array.isArray(asked) ? 'an empty one' : shown(asked)
      throw invalidQuery(`\`${join}\` takes a list of conditions, each as in \`where\`, not ${given}`)
    }
    return [{ operator: join, conditions: Array.from(asked, (one) => this.member(join, one)) }]
  }

  /** A member that says nothing would find every row: a condition that got lost must not widen the answer. */
  private member(join: Join, asked: unknown): Condition {
    const conditions = this.read(`each condition in \`${join}\``, asked)
    const [only] = conditions
    if (only === undefined) throw invalidQuery(`a condition in \`${join}\` is empty; leave it out, or name a column`)
    return conditions.length === 1 ? only : { operator: 'and', conditions }
  }

  private descend(): void {
    this.level += 1
    if (this.level <= mostLevels) return
    throw invalidQuery(`\`where\` joins conditions more than ${mostLevels} levels deep; write it flatter`)
  }

  private add(conditions: number): void {
    this.count += conditions
    if (this.count <= mostConditions) return
    throw invalidQuery(`\`where\` has more than ${mostConditions} conditions; use \`in\` for many values of a column`)
  }
}

const ambiguous = ({ readModel }: Definition, join: Join) =>
  invalidQuery(`\`${join}\` joins conditions, and is a column of ${readModel} too; rename the column in the definition`)
