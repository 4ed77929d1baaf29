import { TrifoldError } from 'trifold/internal/errors'
import { withPackage } from 'trifold/internal/optional-package'

/** The part of `@platformatic/kafka` that is used. */
export type KafkaClient = typeof import('@platformatic/kafka')

/** Where the brokers are. */
export interface Brokers {
  /** Addresses to begin with: `host:port`. */
  brokers: readonly string[]
  /** How to log in and to encrypt, as `@platformatic/kafka` takes it: `{ sasl, tls }`. */
  connection?: Pick<import('@platformatic/kafka').ConnectionOptions, 'sasl' | 'tls'> | undefined
}

/** Loads the client. @throws PACKAGE_MISSING */
export const loadClient = (): Promise<KafkaClient> =>
  withPackage(
    { name: '@platformatic/kafka', version: '1', need: 'relay: it needs' },
    () => import('@platformatic/kafka'),
  )

/** What every client of a relay is opened with. A request that is not answered fails, and the relay begins again. */
export const clientOptions = ({ brokers, connection }: Brokers) => ({
  clientId: 'trifold-relay',
  bootstrapBrokers: [...brokers],
  ...connection,
  timeout: 10_000,
  requestTimeout: 15_000,
  connectTimeout: 5_000,
  retries: 2,
  retryDelay: 200,
})

/** An error of the client with the addresses, and what to do. */
export function brokerError({ brokers }: Brokers, cause: unknown): TrifoldError {
  if (cause instanceof TrifoldError) return cause
  return new TrifoldError(
    'KAFKA_UNREACHABLE',
    `relay: the brokers at ${brokers.join(', ')} do not answer or refused the request (${reasonOf(cause)}); check the addresses, and that they run`,
    { cause },
  )
}

/** Several attempts are one error with many in it. */
function reasonOf(error: unknown): string {
  const { errors, message, cause } = error as { errors?: unknown[]; message?: string; cause?: unknown }
  const inner = errors?.at(-1) ?? cause
  return inner === undefined ? String(message ?? error) : reasonOf(inner)
}
