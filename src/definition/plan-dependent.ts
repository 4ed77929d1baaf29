import type pg from 'pg'
import type { PlanDependent } from '../schema/generations.ts'
import { isNode, nodeIn, nodesIn, parseTree, type TreeNode, type TreeValue, wordIn } from './node-tree.ts'

/** The tree of the SELECT of a relation: of the definition itself, or of a view inside it. */
export interface SelectTree {
  relation: string
  /** Whether it is the definition. */
  direct: boolean
  tree: string
}

/** Aggregates whose result has the order in which rows happen to come. */
const ordered = /^(string|array|json|jsonb|xml|json_object|jsonb_object)_?agg(_strict|_unique|_unique_strict)?$/

/** Aggregates that add up: of floating-point numbers the sum depends on the order, as each addition rounds. */
const adding = /^(sum|avg|corr|covar|regr|stddev|var|variance)/
const floats = ['700', '701']

/** `RTEKind` and `SubLinkType` of PostgreSQL's parsenodes.h and primnodes.h (the same in 14 to 18). */
const rangeTable = { relation: '0', subquery: '1', join: '2', cte: '6', group: '9' }
const arraySublink = '6'

/**
 * The columns of a definition whose values PostgreSQL does not promise: another plan may give others, with the same rows
 * in the same tables. They are found in the tree of its SELECT, through subqueries, common table expressions and views.
 */
export async function planDependentColumns(
  client: Pick<pg.ClientBase, 'query'>,
  trees: readonly SelectTree[],
): Promise<PlanDependent[]> {
  const functions = await calledFunctions(client, trees)
  const selects = new Map(trees.map(({ relation, tree }) => [relation, parseTree(tree)]))
  const own = queryOf(selects.get(trees.find(({ direct }) => direct)?.relation ?? ''))
  if (!own) return []
  const reader = new TreeReader(selects, functions)
  return nodesIn(own, 'targetList')
    .filter((entry) => wordIn(entry, 'resjunk') !== 'true')
    .flatMap((entry) => {
      const [reason] = reader.ofColumn([own], Number(wordIn(entry, 'resno')))
      return reason ? [{ column: unescaped(wordIn(entry, 'resname')), reason }] : []
    })
}

/** What a function is, by its oid. */
type Functions = ReadonlyMap<string, { name: string; isVolatile: boolean }>

async function calledFunctions(client: Pick<pg.ClientBase, 'query'>, trees: readonly SelectTree[]): Promise<Functions> {
  const text = trees.map(({ tree }) => tree).join('\n')
  const oids = [...text.matchAll(/:(?:aggfnoid|winfnoid|funcid) (\d+)/g)].map((match) => match[1])
  const { rows } = await client.query(
    `select oid::text, proname as name, provolatile = 'v' as volatile
    from pg_proc
    where oid = any ($1::oid[])`,
    [[...new Set(oids)]],
  )
  return new Map(rows.map((row) => [row.oid, { name: row.name, isVolatile: row.volatile === 't' }]))
}

/** A query with those around it, the innermost first. */
type Queries = readonly [TreeNode, ...TreeNode[]]

class TreeReader {
  private readonly selects: ReadonlyMap<string, TreeValue>
  private readonly functions: Functions
  /** The columns that are being looked at. */
  private readonly open = new Map<TreeNode, Set<number>>()

  constructor(selects: ReadonlyMap<string, TreeValue>, functions: Functions) {
    this.selects = selects
    this.functions = functions
  }

  /** Why a column of the innermost query depends on the plan. */
  ofColumn(queries: Queries, number: number): string[] {
    const [query] = queries
    const open = this.open.get(query) ?? new Set()
    if (open.has(number)) return [] // a recursive query that reads itself
    this.open.set(query, open.add(number))
    const reasons = this.ofOutput(queries, number)
    open.delete(number)
    return reasons
  }

  private ofOutput(queries: Queries, number: number): string[] {
    const [query] = queries
    if (nodeIn(query, 'setOperations')) {
      const parts = nodesIn(query, 'rtable').flatMap((entry) => nodeIn(entry, 'subquery') ?? [])
      return parts.flatMap((part) => this.ofColumn([part, ...queries], number))
    }
    const entry = nodesIn(query, 'targetList').find((one) => Number(wordIn(one, 'resno')) === number)
    return entry ? this.of(entry.fields.expr, queries) : []
  }

  private of(value: TreeValue | TreeValue[] | undefined, queries: Queries): string[] {
    if (Array.isArray(value)) return value.flatMap((one) => this.of(one, queries))
    if (!isNode(value) || value.tag === 'QUERY') return []
    if (value.tag === 'VAR') return this.ofVariable(value, queries)
    if (value.tag === 'SUBLINK') return this.ofSublink(value, queries)
    const own = this.ofCall(value)
    return [...(own ? [own] : []), ...Object.values(value.fields).flatMap((inner) => this.of(inner, queries))]
  }

  private ofCall(node: TreeNode): string | undefined {
    const called = wordIn(node, 'aggfnoid') || wordIn(node, 'winfnoid') || wordIn(node, 'funcid')
    const { name, isVolatile } = this.functions.get(called) ?? {}
    if (!name) return undefined
    if (isVolatile) return `${name}() may give another value each time`
    const isSorted = nodesIn(node, 'aggorder').length + nodesIn(node, 'aggdistinct').length > 0
    if (node.tag === 'AGGREF' && ordered.test(name) && !isSorted) return `${name} without order by`
    const [types = []] = node.tag === 'AGGREF' ? (node.fields.aggargtypes ?? []) : [[wordIn(node, 'wintype')]]
    const ofFloats = Array.isArray(types) && types.some((type) => floats.includes(type as string))
    return adding.test(name) && ofFloats ? `${name} of floating-point numbers` : undefined
  }

  private ofSublink(node: TreeNode, queries: Queries): string[] {
    const select = nodeIn(node, 'subselect')
    const isArray = wordIn(node, 'subLinkType') === arraySublink
    const own =
      isArray && select && nodesIn(select, 'sortClause').length === 0 ? ['array(select …) without order by'] : []
    return [...own, ...(select ? this.ofColumn([select, ...queries], 1) : [])]
  }

  private ofVariable(node: TreeNode, queries: Queries): string[] {
    const around = queries.slice(Number(wordIn(node, 'varlevelsup'))) as unknown as Queries
    const entry = around[0] && nodesIn(around[0], 'rtable')[Number(wordIn(node, 'varno')) - 1]
    const number = Number(wordIn(node, 'varattno'))
    if (!entry || number < 1) return []
    switch (wordIn(entry, 'rtekind')) {
      case rangeTable.subquery:
        return this.ofInner(nodeIn(entry, 'subquery'), around, number)
      case rangeTable.join:
        return this.of(nodesIn(entry, 'joinaliasvars')[number - 1], around)
      case rangeTable.group:
        return this.of(nodesIn(entry, 'groupexprs')[number - 1], around)
      case rangeTable.cte:
        return this.ofCommonTable(entry, around, number)
      case rangeTable.relation:
        return this.ofInner(queryOf(this.selects.get(wordIn(entry, 'relid'))), around, number)
      default:
        return []
    }
  }

  private ofCommonTable(entry: TreeNode, queries: Queries, number: number): string[] {
    const around = queries.slice(Number(wordIn(entry, 'ctelevelsup'))) as unknown as Queries
    const tables = around[0] ? nodesIn(around[0], 'cteList') : []
    const table = tables.find((one) => wordIn(one, 'ctename') === wordIn(entry, 'ctename'))
    return table ? this.ofInner(nodeIn(table, 'ctequery'), around, number) : []
  }

  private ofInner(query: TreeNode | undefined, around: Queries, number: number): string[] {
    return query ? this.ofColumn([query, ...around], number) : []
  }
}

const queryOf = (tree: TreeValue | undefined): TreeNode | undefined =>
  Array.isArray(tree) ? tree.find(isNode) : undefined

const unescaped = (name: string): string => name.replaceAll(/\\(.)/gs, '$1').replace(/^"(.*)"$/s, '$1')
