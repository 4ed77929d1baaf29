import type { Column, Definition } from '../../definition.ts'
import type { Value } from '../../encoding.ts'
import { cursorParameters, moveCursor } from '../../schema/consumers.ts'
import { quoteIdent } from '../../sql.ts'
import { bigintArray, textArray } from './binary-array.ts'
import { countRows, type PatchGroup, type RowChanges } from './row-changes.ts'

export interface Statement {
  text: string
  values: unknown[]
}

/** Raised by the statement itself if a patched row is missing; nothing was applied then. */
export const missingRowMark = 'trifold: a patched row is missing'

/**
 * The one statement that applies a page: the cursor and all rows, or nothing. Data-modifying parts of one statement
 * (`with … as (update …)`) see one snapshot and commit together; each part asks first whether the cursor moved.
 *
 * Its text depends only on which parts it has and which columns are patched together, so a session prepares few of them.
 * Every value travels as an element of an array, of bigint or of text, and is cast in the select list.
 *
 * @param movesCursor false if the transaction has moved the cursor already; else the parameters of the cursor's part
 * belong before the `values`
 */
export function applyStatement(
  definition: Definition,
  relation: string,
  changes: RowChanges,
  movesCursor: boolean,
): Statement {
  const values: unknown[] = []
  const before = movesCursor ? cursorParameters : 0
  const bind = (value: unknown): string => `$${before + values.push(value)}`
  const bindColumn: BindColumn = ({ encoding }, items) =>
    wholeNumbers.has(encoding.pgType)
      ? `${bind(bigintArray(items))}::bigint[]`
      : `${bind(textArray(items, encoding.text))}::text[]`
  const groups = [...changes.patches.values()]
  const parts = [
    `moved as (${movesCursor ? moveCursor : 'select 1'})`,
    ...(changes.sets.length > 0 ? [setPart(definition, relation, changes.sets, bindColumn)] : []),
    ...groups.map((group, place) => patchPart(definition, relation, group, `patch_${place}`, bindColumn)),
    ...(changes.removes.length > 0 ? [removePart(definition, relation, changes.removes, bindColumn)] : []),
  ]
  const guard = groups.length > 0 ? `, ${missingRowGuard(groups, bind)}` : ''
  return {
    text: `with ${parts.join(',\n')}\nselect (select count(*) from moved) as moved${guard}`,
    values,
  }
}

type BindColumn = (column: Column, items: readonly (Value | undefined)[]) => string

const wholeNumbers = new Set(['bigint', 'integer', 'smallint'])

function setPart(definition: Definition, relation: string, rows: RowChanges['sets'], bind: BindColumn): string {
  const { columns, key } = definition
  const names = columns.map((column) => quoteIdent(column.name))
  const aliases = columns.map((_, place) => `c${place}`)
  const arrays = columns.map((column) =>
    bind(
      column,
      rows.map((row) => row[column.name]),
    ),
  )
  // Equal keys may be written in several ways (1.0 and 1.00): what is kept is the newest.
  const others = columns
    .filter((column) => !key.includes(column) || column.encoding.representative)
    .map((column) => quoteIdent(column.name))
  const conflict = others.length
    ? `do update set ${others.map((name) => `${name} = excluded.${name}`).join(', ')}`
    : 'do nothing'
  return `sets as (
    insert into ${relation} (${names.join(', ')})
    select ${columns.map((column, place) => `row.c${place}::${column.encoding.pgType}`).join(', ')}
    from unnest(${arrays.join(', ')}) as row (${aliases.join(', ')})
    where exists (select from moved)
    on conflict (${key.map((column) => quoteIdent(column.name)).join(', ')}) ${conflict}
  )`
}

function patchPart(
  definition: Definition,
  relation: string,
  group: PatchGroup,
  name: string,
  bind: BindColumn,
): string {
  const patched = group.columns.map((column) => columnOf(definition, column))
  const keyArrays = definition.key.map((column, place) =>
    bind(
      column,
      group.rows.map((row) => row.key[place]),
    ),
  )
  const arrays = patched.map((column) =>
    bind(
      column,
      group.rows.map((row) => row.columns[column.name]),
    ),
  )
  const assignments = patched.map(
    (column, place) => `${quoteIdent(column.name)} = row.c${place}::${column.encoding.pgType}`,
  )
  const aliases = [...definition.key.map((_, place) => `k${place}`), ...patched.map((_, place) => `c${place}`)]
  return `${name} as (
    update ${relation} as target
    set ${assignments.join(', ')}
    from unnest(${[...keyArrays, ...arrays].join(', ')}) as row (${aliases.join(', ')})
    where ${sameKey(definition)}
      and exists (select from moved)
    returning 1
  )`
}

function removePart(definition: Definition, relation: string, keys: RowChanges['removes'], bind: BindColumn): string {
  const arrays = definition.key.map((column, place) =>
    bind(
      column,
      keys.map((key) => key[place]),
    ),
  )
  return `removes as (
    delete from ${relation} as target
    using unnest(${arrays.join(', ')}) as row (${arrays.map((_, place) => `k${place}`).join(', ')})
    where ${sameKey(definition)}
      and exists (select from moved)
  )`
}

const sameKey = (definition: Definition): string =>
  definition.key
    .map((column, place) => `target.${quoteIdent(column.name)} = row.k${place}::${column.encoding.pgType}`)
    .join(' and ')

/**
 * Ends the statement with an error if fewer rows were patched than asked, by a cast that cannot succeed: the cursor
 * must not move without them.
 */
function missingRowGuard(groups: PatchGroup[], bind: (value: unknown) => string): string {
  const wanted = bind(
    countRows({ sets: [], removes: [], patches: new Map(groups.map((group) => [group.columns.join(), group])) }),
  )
  const patched = groups.map((_, place) => `(select count(*) from patch_${place})`).join(' + ')
  return `case
    when (select count(*) from moved) = 1 and ${patched} < ${wanted}::bigint
    then ('${missingRowMark} ' || (${patched}))::integer
  end as missing`
}

function columnOf(definition: Definition, name: string): Column {
  return definition.columns.find((column) => column.name === name) as Column
}
