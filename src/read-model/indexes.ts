import { TrifoldError } from '../errors.ts'
import { qualified, quoteIdent } from '../sql.ts'

/**
 * The statements that create the declared indexes on a relation of the schema `trifold`, named `<relation>_i1`, …
 *
 * @param indexes lists of columns as a read model declares them: `created_at desc`, `score desc nulls last`
 * @param columns the columns of the definition
 * @throws CONFIG_INVALID where an index cannot be read or names an unknown column
 */
export function indexStatements(relation: string, indexes: readonly string[][], columns: readonly string[]): string[] {
  return indexes.map((index, place) => {
    const parts = index.map((part) => indexPart(part, columns)).join(', ')
    return `create index if not exists ${quoteIdent(`${relation}_i${place + 1}`)} on ${qualified('trifold', relation)} (${parts})`
  })
}

function indexPart(part: string, columns: readonly string[]): string {
  const match = /^(.+?)(\s+(?:asc|desc))?(\s+nulls\s+(?:first|last))?$/i.exec(part.trim())
  const [, column, order = '', nulls = ''] = match as unknown as [string, string, string?, string?]
  if (columns.includes(column)) return `${quoteIdent(column)}${order.toLowerCase()}${nulls.toLowerCase()}`
  throw new TrifoldError(
    'CONFIG_INVALID',
    `config: the index part "${part}" names no column of the definition (columns: ${columns.join(', ')}); ` +
      'write a column, with `desc` or `nulls last` after it where wanted',
  )
}
