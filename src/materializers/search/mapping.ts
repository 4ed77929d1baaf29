import type { Definition } from '../../definition.ts'
import { TrifoldError } from '../../errors.ts'
import { columnsFor } from '../../query/columns.ts'
import { exactFields, ignoringCaseField, storedValues } from '../../query/search/fields.ts'
import { type SearchedColumn, searchedColumns } from '../../read-model/text-column.ts'
import type { TextLanguage } from '../../read-model/text-language.ts'
import type { SearchTarget } from '../../read-model.ts'
import type { BuildSettings } from '../../schema/generations.ts'
import { ignoringCaseAnalysis, ignoringCaseMapping } from './letter-case.ts'
import { withAnalysis } from './own-search.ts'
import { joinedMapping, textMapping, textSettings } from './text-analysis.ts'

/** Fields that Trifold keeps in every document beside the columns. */
export const bookkeeping = {
  /** Ordinal of the last event that the document reflects. */
  ordinal: '_ordinal',
  /** Snapshot of the recompute that wrote the document, absent if none did. */
  snapshot: '_snapshot',
  /** True in tombstones and in the state document. */
  deleted: '_deleted',
  /** Content of the state document. */
  state: '_state',
} as const

/** Keeps tombstones and the state document from readers. */
export const visibleDocuments = { bool: { must_not: { term: { [bookkeeping.deleted]: true } } } }

/** Changes whenever documents or mappings do: an index of another form is built again. */
export const indexForm = 5

export interface IndexColumn {
  name: string
  mapping: Record<string, unknown>
  /** The mapping of its second field, if it has one. */
  exact?: Record<string, unknown>
  /** Whether its own field may hold something in the place of a value, which is then stored beside it. */
  mayDiffer?: boolean
  /** Whether rows can be ordered by it without regard to upper and lower case. */
  hasCase?: boolean
}

/** The columns of a definition, as an index keeps them. */
export function indexColumns(definition: Definition): IndexColumn[] {
  const withCase = columnsFor('case', definition)
  return definition.columns.map((column) => {
    const { mapping, exact, term } = column.encoding
    return {
      name: column.name,
      mapping,
      ...(exact && { exact: exact.mapping }),
      mayDiffer: term !== undefined,
      hasCase: withCase.includes(column),
    }
  })
}

export interface IndexBodyOptions {
  /** Columns that are also searched as full text. */
  text?: readonly SearchedColumn[]
  /** What the configuration adds in the engine's form. */
  own?: Pick<SearchTarget, 'analysis' | 'fields'>
  /** Default 1. */
  shards?: number
  /** The database that creates it, as its mapping names it. */
  owner?: object
  /** Copies of each shard while the index is built; default 0. */
  replicas?: number
}

/** The settings of a target that its index keeps for good: another of these needs a rebuild. */
export const indexSettings = ({ shards = 1, analysis, fields, ...target }: SearchTarget = {}): BuildSettings => ({
  text: searchedColumns(target)
    .map(({ column, language, analyzer = language }) => (analyzer ? `${column} (${analyzer})` : column))
    .sort(),
  shards,
  // As text, since objects come back from the database with their keys in another order.
  ...(analysis && { analysis: JSON.stringify(analysis) }),
  ...(fields && { fields: JSON.stringify(fields) }),
})

export interface IndexBody {
  settings: Record<string, unknown>
  mappings: {
    dynamic: 'strict'
    _meta: { form: number; owner?: object }
    properties: Record<string, Record<string, unknown>>
  }
}

/**
 * Settings and mappings of an index: exactly the given columns and the bookkeeping fields, all else is refused by the
 * engine. Index refreshes are off: the materializer issues its own and so knows what is searchable.
 *
 * @throws DEFINITION_INVALID for a column name that an index cannot hold
 */
export function indexBody(columns: readonly IndexColumn[], options: IndexBodyOptions = {}): IndexBody {
  const text = new Map(options.text?.map((one) => [one.column, one]))
  const { analysis, fields = {} } = options.own ?? {}
  const properties = columns.map(
    (column) => [checkedName(column.name), fieldOf(column, text, fields[column.name])] as const,
  )
  return {
    settings: {
      number_of_shards: options.shards ?? 1,
      number_of_replicas: options.replicas ?? 0,
      refresh_interval: '-1',
      // Otherwise an index refresh waits for merges of the small segments that many index refreshes leave.
      'merge_on_flush.enabled': false,
      ...withAnalysis(
        withAnalysis(text.size > 0 ? textSettings(languagesOf(text)) : {}, ignoringCaseAnalysis),
        analysis,
      ),
    },
    mappings: {
      dynamic: 'strict',
      _meta: { form: indexForm, ...(options.owner && { owner: options.owner }) },
      properties: { ...Object.fromEntries(properties), ...besideFields(columns, text), ...bookkeepingFields },
    },
  }
}

const bookkeepingFields = {
  [bookkeeping.ordinal]: { type: 'long' },
  [bookkeeping.snapshot]: { type: 'keyword', index: false, doc_values: false },
  [bookkeeping.deleted]: { type: 'boolean' },
  [bookkeeping.state]: { type: 'object', enabled: false },
}

/** How each column of full text is searched. */
type Searched = ReadonlyMap<string, SearchedColumn>

const languagesOf = (text: Searched): Set<TextLanguage | undefined> =>
  new Set([...text.values()].map(({ language }) => language))

function fieldOf(
  { name, mapping, hasCase }: IndexColumn,
  text: Searched,
  own: object | undefined,
): Record<string, unknown> {
  const fields = {
    ...own,
    ...(hasCase && { [ignoringCaseField]: ignoringCaseMapping }),
    ...(text.has(name) && { text: textMapping(text.get(name)), joined: joinedMapping }),
  }
  return Object.keys(fields).length > 0 ? { ...mapping, fields } : mapping
}

/** The second fields, and the values that an own field does not hold: full text is searched in those of its columns. */
function besideFields(columns: readonly IndexColumn[], text: Searched): IndexBody['mappings']['properties'] {
  const exact = columns.filter((column) => column.exact).map(({ name, exact }) => [name, exact])
  const stored = columns
    .filter((column) => column.mayDiffer)
    .map(({ name }) => [
      name,
      text.has(name)
        ? { ...textMapping(text.get(name)), fields: { joined: joinedMapping } }
        : { type: 'object', enabled: false },
    ])
  return {
    [exactFields]: { type: 'object', properties: Object.fromEntries(exact) },
    [storedValues]: { type: 'object', properties: Object.fromEntries(stored) },
  }
}

/** An underscore in front marks the engine's and Trifold's own fields; a dot would make an object of the column. */
function checkedName(name: string): string {
  if (name.startsWith('_') || name.includes('.')) {
    throw new TrifoldError(
      'DEFINITION_INVALID',
      `search: column "${name}" cannot be a field of an index (no leading underscore, no dot); rename it in the definition`,
    )
  }
  return name
}
