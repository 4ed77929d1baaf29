import type { Definition } from '../../definition.ts'
import { isTrifoldError, TrifoldError } from '../../errors.ts'
import { columnsFor } from '../../query/columns.ts'
import { ignoringCaseField } from '../../query/search/fields.ts'
import { searchedColumns } from '../../read-model/text-column.ts'
import type { Analysis, SearchTarget } from '../../read-model.ts'

/** Subfields that Trifold itself has in columns of full text. */
const takenByText = ['text', 'joined']

/** Settings with more parts of an analysis. What the configuration adds has no names of Trifold's. */
export function withAnalysis(settings: Record<string, unknown>, own: Analysis = {}): Record<string, unknown> {
  const kinds = (settings.analysis ?? {}) as Record<string, object>
  const added = Object.entries(own).map(([kind, parts]) => [kind, { ...kinds[kind], ...parts }] as const)
  const analysis = { ...kinds, ...Object.fromEntries(added) }
  return Object.keys(analysis).length > 0 ? { ...settings, analysis } : settings
}

/**
 * Checks what a search target says of columns: those of `text` hold texts, those of `boosts` numbers, and `fields` adds none
 * that Trifold has itself.
 *
 * @throws CONFIG_INVALID
 */
export function checkSearchTarget(definition: Definition, target: SearchTarget = {}): void {
  const searched = searchedColumns(target).map(({ column }) => column)
  for (const name of searched) check(definition, 'text', name, columnsFor('case', definition), 'text')
  for (const { column } of target.boosts ?? [])
    check(definition, 'boosts', column, columnsFor('sum', definition), 'numbers')
  for (const [column, fields] of Object.entries(target.fields ?? {})) {
    check(definition, 'fields', column, definition.columns, 'values')
    const taken = [ignoringCaseField, ...(searched.includes(column) ? takenByText : [])]
    const twice = Object.keys(fields).find((name) => taken.includes(name))
    if (twice !== undefined)
      throw invalid(definition, `\`fields\` adds ${column}.${twice}, which Trifold has itself; choose another name`)
  }
}

/** What the engine says of an index that has parts of the configuration's own: their fault, most likely. */
export function ownFault(error: unknown, { readModel }: Definition, target: SearchTarget = {}): unknown {
  const isOwn = target.analysis || target.fields || searchedColumns(target).some(({ analyzer }) => analyzer)
  if (!isOwn || !isTrifoldError(error, 'SEARCH_FAILED') || error.details.status !== 400) return error
  return new TrifoldError(
    'CONFIG_INVALID',
    `config: OpenSearch refuses the index of ${readModel}: ${error.details.reason}; correct \`analysis\`, \`fields\` or \`analyzer\` of its search target`,
    { cause: error },
  )
}

function check(definition: Definition, part: string, name: string, fitting: Definition['columns'], held: string): void {
  if (fitting.some((column) => column.name === name)) return
  const isColumn = definition.columns.some((column) => column.name === name)
  const fault = isColumn ? `holds no ${held}` : 'is not a column of the definition'
  const columns = fitting.map((column) => column.name).join(', ')
  throw invalid(
    definition,
    `\`${part}\` names "${name}", which ${fault}; name one of ${columns || 'none: there is none'}`,
  )
}

const invalid = ({ readModel }: Definition, fault: string) =>
  new TrifoldError('CONFIG_INVALID', `config: the search target of ${readModel}: ${fault}`)
