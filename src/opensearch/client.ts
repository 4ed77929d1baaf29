import { readFileSync } from 'node:fs'
import { Client } from '@opensearch-project/opensearch'
import { SearchConnection } from './connection.ts'
import { ExactSerializer } from './exact-json.ts'
import { searchError } from './search-error.ts'

export interface SearchClientOptions {
  /** Address of OpenSearch; may hold a name and a password. */
  url: string
  /** File with the certificate authority (PEM) that the server's certificate is checked against. */
  caFile?: string
  /** How long an answer may stay silent, in milliseconds (default 30,000). */
  requestTimeoutMs?: number
}

/**
 * A client of one OpenSearch address. Reads are tried again after a broken connection; functions that write say so
 * themselves. Integers beyond 2^53 keep their digits (see {@link ExactSerializer}). Close it with `close()`.
 */
export function openSearchClient(options: SearchClientOptions): Client {
  return new Client({
    node: options.url,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    maxRetries: 2,
    resurrectStrategy: 'none', // one address: the only connection is used whether it is thought dead or not
    Connection: SearchConnection,
    Serializer: ExactSerializer,
    ssl: options.caFile === undefined ? undefined : { ca: readFileSync(options.caFile) },
  })
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

/** What answers at the address. @throws SEARCH_UNREACHABLE, SEARCH_FAILED */
export async function engineVersion(client: Client): Promise<EngineVersion> {
  const { version } = await answerOf('asking for its version', client.info())
  const [major = 0, minor = 0] = version.number.split('.').map(Number)
  return { distribution: version.distribution, number: version.number, major, minor }
}
