import type { Column, Definition } from 'trifold/internal/definition'
import type { Row, Value } from 'trifold/internal/encoding'
import { isOrdered, kindOf } from 'trifold/internal/query/columns'
import type { ReadModel } from 'trifold/internal/read-model'
import { searchedColumns } from 'trifold/internal/read-model/text-column'
import type { QueryRequest } from '../comparison.ts'
import type { NamedQuery } from './read-file.ts'

const pageLimit = 50
/** A column with more values than these makes no group that people look at. */
const mostGroups = 50

/**
 * Queries that a read model is likely to be asked, if the user names none: its first page, a page by each declared
 * index, a count, a sum by group, and a word if full text is configured.
 *
 * @param sample rows of the read model: values to ask for are taken from their middle
 */
export function derivedQueries(definition: Definition, model: ReadModel, sample: readonly Row[]): NamedQuery[] {
  const middle = sample[Math.floor(sample.length / 2)] as Row
  const key = definition.key.map(({ name }) => name).join(', ')
  return [
    query(`first page by ${key}`, { find: { limit: pageLimit } }),
    ...(model.indexes ?? []).flatMap((index) => byIndex(definition, index, middle)),
    query('count of all rows', { summarize: {} }),
    ...sumByGroup(definition, sample),
    ...word(model, middle),
  ]
}

const query = (name: string, request: QueryRequest): NamedQuery => ({ name, request, named: false })

function byIndex(definition: Definition, index: readonly string[], row: Row): NamedQuery[] {
  const [first, ...rest] = index.map((term) => term.trim().split(/\s+/) as [string, string?])
  const [leading] = first as [string]
  const value = row[leading]
  if (value === null || value === undefined || !definition.columns.some(({ name }) => name === leading)) return []
  const sort = rest.map(([name, direction]) => (direction?.toLowerCase() === 'desc' ? `-${name}` : name))
  const by = sort.length > 0 ? `, by ${rest.map((term) => term.join(' ')).join(', ')}` : ''
  const find = { where: { [leading]: value }, ...(sort.length > 0 && { sort }), limit: pageLimit }
  return [query(`${leading} = ${shown(value)}${by}`, { find })]
}

function sumByGroup(definition: Definition, sample: readonly Row[]): NamedQuery[] {
  const sum = definition.columns.find((column) => isAmount(definition, column))
  const group = definition.columns
    .filter((column) => isOrdered(column) && ['text', 'boolean'].includes(kindOf(column)))
    .map(({ name }) => ({ name, values: new Set(sample.map((row) => row[name])).size }))
    .filter(({ values }) => values > 1 && values <= Math.min(mostGroups, sample.length / 2))
    .sort((a, b) => a.values - b.values)[0]
  if (!sum || !group) return []
  return [query(`sum of ${sum.name} by ${group.name}`, { summarize: { sum: sum.name, group: group.name } })]
}

/** A number that is none of the ids by which rows are found. */
const isAmount = ({ key }: Definition, column: Column): boolean =>
  ['number', 'decimal'].includes(kindOf(column)) && !key.includes(column) && !/(^|_)id$/.test(column.name)

function word({ targets }: ReadModel, row: Row): NamedQuery[] {
  const words = searchedColumns(targets.search)
    .flatMap(({ column }) => String(row[column] ?? '').match(/[\p{L}\p{N}]{3,}/gu) ?? [])
    .sort((a, b) => b.length - a.length)
  const [longest] = words
  return longest ? [query(`the word "${longest}"`, { find: { text: longest, limit: pageLimit } })] : []
}

const shown = (value: Value): string => (typeof value === 'string' ? `"${value}"` : String(value))
