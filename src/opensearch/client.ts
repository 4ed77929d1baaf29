import { readFileSync } from 'node:fs'
import { Client, type ClientOptions } from '@opensearch-project/opensearch'
import { TrifoldError } from '../errors.ts'
import { watchBodies } from './connection.ts'
import { ExactSerializer } from './exact-json.ts'
import { searchError } from './search-error.ts'

export interface SearchClientOptions {
  /** Address of OpenSearch; may hold a name and a password. */
  url: string
  /** File with the certificate authority (PEM) that the server's certificate is checked against. */
  caFile?: string
  /** Makes the client, see {@link MakeClient}; default: one with the settings as they are. */
  client?: MakeClient
  /** How long an answer may stay silent, in milliseconds (default 30,000). */
  requestTimeoutMs?: number
}

/**
 * Makes a client for signed requests, a proxy and the like: `(settings) => new Client({ ...settings, ...AwsSigv4Signer(…) })`.
 * `settings` holds the address and what Trifold needs, above all the serializer that keeps long integers exact. It is
 * called once for each part that asks OpenSearch, and Trifold closes what it made.
 */
export type MakeClient = (settings: ClientOptions) => Client

/**
 * A client of one OpenSearch address. Reads are tried again after a broken connection; functions that write say so
 * themselves. Integers beyond 2^53 keep their digits (see {@link ExactSerializer}). Close it with `close()`.
 *
 * @throws CONFIG_INVALID if the client that `options.client` made is none, or changes integers
 */
export function openSearchClient(options: SearchClientOptions): Client {
  const settings: ClientOptions = {
    node: options.url,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    maxRetries: 2,
    resurrectStrategy: 'none', // one address: the only connection is used whether it is thought dead or not
    Serializer: ExactSerializer,
    ssl: options.caFile === undefined ? undefined : { ca: authorityIn(options.caFile) },
  }
  const client = options.client ? options.client(settings) : new Client(settings)
  refuseInexact(client)
  watchBodies(client)
  return client
}

const long = '9007199254740993'

/** A client of the application's own must read integers beyond 2^53 as the one of Trifold does. */
function refuseInexact(client: Client): void {
  for (const serializer of [client?.serializer, client?.transport?.serializer]) {
    const [read] = (serializer?.deserialize(`[${long}]`) ?? []) as unknown[]
    if (read === long) continue
    const fault = serializer ? `reads ${long} as ${String(read)}` : 'is not an OpenSearch client'
    throw new TrifoldError(
      'CONFIG_INVALID',
      `config: what \`search.client\` returned ${fault}; make it with the settings that it is given: new Client({ ...settings, … })`,
    )
  }
}

function authorityIn(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new TrifoldError(
      'CONFIG_INVALID',
      `config: the certificate authority of OpenSearch cannot be read from ${file} (${(cause as Error).message}); correct \`caFile\` or OPENSEARCH_CA`,
      { cause },
    )
  }
}

/** The body of an answer. `doing` says in the message what failed. @throws SEARCH_UNREACHABLE, SEARCH_FAILED */
export async function answerOf<T>(doing: string, request: PromiseLike<{ body: T }>): Promise<T> {
  try {
    return (await request).body
  } catch (error) {
    throw searchError(error, doing)
  }
}

export interface EngineVersion {
  distribution: string
  number: string
  major: number
  minor: number
}

/** Refuses an address at which Elasticsearch answers; one that does not tell its version is used. @throws SEARCH_FAILED */
export async function refuseOtherEngine(client: Client): Promise<void> {
  const answer = await client.info().catch(() => undefined)
  if (answer && isElasticsearch(answer.body.version)) throw notOpenSearch(answer.body.version.number)
}

const isElasticsearch = (version: object): boolean => !('distribution' in version) && 'build_flavor' in version

const notOpenSearch = (version: string): TrifoldError =>
  new TrifoldError(
    'SEARCH_FAILED',
    `search: the address answers as Elasticsearch ${version}, which Trifold does not support; point OPENSEARCH_URL at OpenSearch`,
    { details: { retryable: false } },
  )

/** What answers at the address. @throws SEARCH_UNREACHABLE, SEARCH_FAILED, for another engine too */
export async function engineVersion(client: Client): Promise<EngineVersion> {
  const { version } = await answerOf('asking for its version', client.info())
  if (isElasticsearch(version)) throw notOpenSearch(version.number)
  const [major = 0, minor = 0] = version.number.split('.').map(Number)
  return { distribution: version.distribution, number: version.number, major, minor }
}
