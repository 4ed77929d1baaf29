import { TrifoldError } from '../errors.ts'
import type { Executor } from '../executor.ts'
import { readTransaction } from '../schema/era.ts'
import { expectTransaction } from './transaction.ts'

/**
 * What a write returns so that a later read can ask to see it: the era and the ids of its transactions, as text
 * (`2.7341`, or `2.7341.7350` if one request had several transactions).
 */
export type CommitToken = string & { readonly __commitToken?: never }

export interface ParsedToken {
  era: bigint
  /** Transaction ids (xid8); empty if the transaction wrote nothing. */
  xids: bigint[]
}

/**
 * The commit token of the transaction of `executor`, for writes without events: `append` returns it too. Ask for it
 * after the last write: a transaction that has written nothing has no id, and its token is visible everywhere.
 *
 * @throws TRANSACTION_MISSING; DATABASE_STANDBY on a standby
 */
export async function token(executor: Executor): Promise<CommitToken> {
  expectTransaction(executor)
  const { standby, era, xid } = await readTransaction(executor)
  if (standby) {
    throw new TrifoldError('DATABASE_STANDBY', 'outbox: a commit token can only be taken on the primary')
  }
  return xid === null ? era : `${era}.${xid}`
}

/** One token that asks for all of the given commits. @throws TOKEN_INVALID, ERA_MISMATCH if the eras differ */
export function joinTokens(tokens: readonly CommitToken[]): CommitToken {
  const parsed = tokens.map(parseToken)
  const era = parsed[0]?.era
  if (era === undefined) throw new TrifoldError('TOKEN_INVALID', 'outbox: joinTokens needs at least one commit token')
  if (parsed.some((one) => one.era !== era)) {
    throw new TrifoldError('ERA_MISMATCH', 'outbox: the commit tokens belong to different eras; read without them')
  }
  return [era, ...new Set(parsed.flatMap((one) => one.xids))].join('.')
}

/** Reads a commit token. @throws TOKEN_INVALID */
export function parseToken(text: CommitToken): ParsedToken {
  const [era, ...xids] = /^\d{1,19}(\.\d{1,20})*$/.test(text) ? text.split('.').map(BigInt) : []
  if (era !== undefined && era <= largestEra && xids.every((xid) => xid <= largestXid)) return { era, xids }
  const shown = JSON.stringify(text.slice(0, 80))
  throw new TrifoldError(
    'TOKEN_INVALID',
    `query: ${shown} is not a commit token; pass what append() or token() returned`,
  )
}

/** An era is an int8, a transaction id an xid8. */
const largestEra = 2n ** 63n - 1n
const largestXid = 2n ** 64n - 1n
