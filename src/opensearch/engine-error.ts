/** What the engine said about a request or one item of a bulk. */
export interface EngineError {
  status: number
  type: string
  reason: string
}

/** An error in the engine's words. A search names the failures of its shards, any error what caused it. */
interface SaidError {
  type?: string
  reason?: string
  failed_shards?: { reason?: SaidError }[]
  caused_by?: SaidError
}

/** Types of engine errors that pass by themselves; statuses 429 and 5xx do as well, except with {@link lasting}. */
const passing = new Set([
  'circuit_breaking_exception',
  'cluster_block_exception',
  'es_rejected_execution_exception',
  'index_primary_shard_not_allocated_exception',
  'no_shard_available_action_exception',
  'process_cluster_event_timeout_exception',
  'rejected_execution_exception',
  'shard_not_found_exception',
  'shard_not_in_primary_mode_exception',
  'unavailable_shards_exception',
])

/** Types whose request will never succeed, which the engine may answer with a status of 500. */
const lasting = new Set(['too_many_clauses', 'too_many_nested_clauses', 'illegal_argument_exception'])

/** Tells whether the same request may succeed later. */
export function isPassing({ type, status }: EngineError): boolean {
  return passing.has(type) || (!lasting.has(type) && (status === 429 || status >= 500))
}

/** The error of an answer's body: of a search the failure of a shard, with all that the engine says of its cause. */
export function engineErrorOf(status: number, body: unknown): EngineError {
  const said = (body as { error?: unknown } | null)?.error ?? messageOf(body)
  if (typeof said !== 'object' || said === null) return { status, type: `http_${status}`, reason: shortened(said) }
  const chain = chainOf(said as SaidError)
  const { type } = chain[0] === said ? chain[0] : (chain.at(-1) as SaidError)
  return { status, type: type ?? `http_${status}`, reason: reasonOf(chain) }
}

/** The reasons of an error and of its causes, without those that only repeat the one before. */
export function reasonOf(chain: readonly SaidError[]): string {
  const reasons: string[] = []
  for (const { reason } of chain) if (reason && !reasons.some((one) => one.includes(reason))) reasons.push(reason)
  return shortened(reasons.length > 0 ? reasons.join(': ') : undefined)
}

/** An error and what caused it, the cause of all last. That all shards failed says nothing: a shard's failure stands for it. */
export function chainOf(error: SaidError): SaidError[] {
  const shard = error.failed_shards?.find(({ reason }) => reason !== undefined)?.reason
  if (shard) return chainOf(shard)
  return error.caused_by ? [error, ...chainOf(error.caused_by)] : [error]
}

/** Proxies and services in front of the engine say why in a field of their own, or in plain text. */
function messageOf(body: unknown): unknown {
  const { message, Message } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  return message ?? Message ?? body
}

const shortened = (said: unknown): string => (typeof said === 'string' ? said.slice(0, 500) : 'no reason given')
