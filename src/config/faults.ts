import { isAbsolute } from 'node:path'
import { type ByteSize, bytesOf } from '../byte-size.ts'
import { type SearchedColumn, searchedColumns, type TextSettings } from '../read-model/text-column.ts'
import { textLanguages } from '../read-model/text-language.ts'
import { milliseconds, type Span } from '../span.ts'
import { isTimeZone } from '../timing/time-zone.ts'
import { and, integerFrom, listOf, object, objectOr, oneOf, recordOf, string, stringLike, that } from './shape.ts'

const span = that(
  (value) => ['number', 'string'].includes(typeof value) && milliseconds(value as Span) !== undefined,
  'must be a time span such as "500ms", "30s", "5m", "2h", "3d", or milliseconds',
)

const byteSize = that(
  (value) => ['number', 'string'].includes(typeof value) && bytesOf(value as ByteSize) !== undefined,
  'must be an amount such as "500MB", "20GB", or bytes',
)

type Outbox = { cap?: ByteSize; partition?: ByteSize }

const outboxSettings = and(
  object({ retain: span, cap: byteSize, partition: byteSize }),
  that((outbox) => {
    const { cap = '50GB', partition = '4GB' } = outbox as Outbox
    return (bytesOf(cap) ?? 0) >= 2 * (bytesOf(partition) ?? 0)
  }, '`cap` must be at least twice `partition` (50GB and 4GB by default): only closed partitions can be dropped'),
)

const inboxSettings = object({ retain: span })

type View = { every?: unknown; lag?: unknown; cron?: unknown; timeZone?: unknown }

const viewTarget = and(
  object({ every: span, lag: span, cron: string, timeZone: string, timeout: span }),
  that(
    (view) => [(view as View).every, (view as View).lag, (view as View).cron].filter(Boolean).length <= 1,
    'takes one of `every`, `lag` and `cron`',
  ),
  that((view) => !(view as View).timeZone || Boolean((view as View).cron), '`timeZone` belongs to `cron`'),
)

const isUnique = (columns: readonly SearchedColumn[]): boolean =>
  new Set(columns.map(({ column }) => column)).size === columns.length

const weight = that(
  (value) => typeof value === 'number' && value >= 0.1 && value <= 100,
  'must be a number from 0.1 to 100',
)

const boolean = that((value) => typeof value === 'boolean', 'must be true or false')

const typos = object({
  edits: that((value) => [0, 1, 2].includes(value as number), 'must be 0, 1 or 2'),
  firstLetter: boolean,
  below: integerFrom(1),
})

/** The limits keep a query of some words below what the engine takes. */
const [mostSynonyms, mostOfOne] = [1_000, 20]

const synonym = stringLike(/^(?=.*[\p{L}\p{N}])\s*\S{1,100}(\s+\S{1,100}){0,4}\s*$/su, 'must be a text of 1 to 5 words')

const synonyms = and(
  listOf(
    and(
      listOf(synonym, 2),
      that((list) => (list as []).length <= mostOfOne, `must have at most ${mostOfOne} entries`),
    ),
  ),
  that((lists) => (lists as []).length <= mostSynonyms, `must have at most ${mostSynonyms} lists`),
)

const textColumn = and(
  object({ column: string, weight, language: oneOf(...textLanguages), analyzer: string }, 'column'),
  that(
    (one) => !('language' in (one as object) && 'analyzer' in (one as object)),
    'has both a `language` and an `analyzer`; an analyzer is for all that a language does: keep one of them',
  ),
)

const above0 = that(
  (value) => typeof value === 'number' && value > 0 && Number.isFinite(value),
  'must be a number above 0',
)

const anyObject = that(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
)

const notTaken = that(
  (named) => !Object.keys(named as object).some((name) => name.startsWith('trifold_')),
  'has a name that begins with trifold_, as those of Trifold do; choose another',
)

const named = and(recordOf(string, anyObject), notTaken)

const searchTarget = object({
  text: and(
    listOf(objectOr(textColumn, string)),
    that((text) => isUnique(searchedColumns({ text } as TextSettings)), 'names a column twice'),
  ),
  language: oneOf(...textLanguages),
  typos,
  synonyms,
  boosts: listOf(object({ column: string, half: above0, weight }, 'column', 'half')),
  analysis: object({ analyzer: named, tokenizer: named, filter: named, char_filter: named, normalizer: named }),
  fields: recordOf(string, recordOf(string, anyObject)),
  indexRefresh: span,
  shards: integerFrom(1),
  replicas: integerFrom(0),
})

const share = that(
  (value) => typeof value === 'number' && value > 0 && value <= 0.5,
  'must be a share of the time, above 0 and up to 0.5: 0.01 is one percent',
)

const isFunction = that((value) => typeof value === 'function', 'must be a function')

const readModelSchema = object(
  {
    key: listOf(string, 1),
    indexes: listOf(listOf(string, 1)),
    notNull: listOf(string),
    description: string,
    descriptions: recordOf(string, string),
    targets: object({
      table: object({}),
      view: viewTarget,
      search: searchTarget,
    }),
    timeZone: that(
      (value) => typeof value === 'string' && isTimeZone(value),
      'must be a time zone such as "Europe/Vienna"',
    ),
    serve: oneOf('table', 'view'),
    version: integerFrom(1),
    on: recordOf(string, isFunction),
    onFailure: oneOf('park', 'stop'),
    keysOf: isFunction,
  },
  'key',
  'targets',
)

const address = that((value) => typeof value === 'string', 'must be an address, or an object with `url`')

const readModelName = stringLike(
  /^[a-z][a-z0-9_]{0,39}$/,
  'must be lower case: a letter, then letters, digits, _ (at most 40)',
)

const standardSchema = that(
  (value) => ((typeof value === 'object' && value !== null) || typeof value === 'function') && '~standard' in value,
  'must be a Standard Schema',
)

const configSchema = object(
  {
    root: that(
      (value) => typeof value === 'string' && isAbsolute(value),
      'must be an absolute path, such as `import.meta.dirname`',
    ),
    database: string,
    search: objectOr(object({ url: string, caFile: string, client: isFunction }, 'url'), address),
    redis: string,
    schema: string,
    views: string,
    indexPrefix: stringLike(/^[a-z0-9_-]*$/, 'must be lower case letters, digits, - and _'),
    types: string,
    workload: string,
    keepWarm: span,
    outbox: outboxSettings,
    inbox: inboxSettings,
    events: recordOf(string, standardSchema),
    verify: object({ budget: share, repair: boolean }, 'budget'),
    readModels: recordOf(readModelName, readModelSchema),
  },
  'readModels',
)

/** What is wrong with a configuration, each with its path: `readModels.item.key: must be a list`. */
export const configFaults = (config: unknown): string[] => configSchema(config, '')
