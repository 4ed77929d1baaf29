import { TrifoldError } from '../errors.ts'
import type { Executor } from '../executor.ts'
import { readTransaction, type TransactionFacts } from '../schema/era.ts'
import { expectTransaction } from './transaction.ts'

/**
 * What a write returns so that a later read can ask to see it: the era with its nonce and the ids of its transactions, as
 * text (`2-9f41c07be2.7341`, or `2-9f41c07be2.7341.7350` if one request had several transactions).
 */
export type CommitToken = string & { readonly __commitToken?: never }

export interface ParsedToken {
  era: bigint
  /** Tells the era from another one of the same number; undefined in a token of a version of Trifold that had none. */
  nonce: string | undefined
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
  const { standby, ...transaction } = await readTransaction(executor)
  if (standby) {
    throw new TrifoldError('DATABASE_STANDBY', 'outbox: a commit token can only be taken on the primary')
  }
  return tokenOf(transaction)
}

export const tokenOf = ({ era, nonce, xid }: TransactionFacts): CommitToken =>
  xid === null ? `${era}-${nonce}` : `${era}-${nonce}.${xid}`

/** One token that asks for all of the given commits. @throws TOKEN_INVALID, ERA_MISMATCH if the eras differ */
export function joinTokens(tokens: readonly CommitToken[]): CommitToken {
  const parsed = tokens.map(parseToken)
  const eras = new Set(tokens.map((one) => one.split('.')[0]))
  if (eras.size === 0) throw new TrifoldError('TOKEN_INVALID', 'outbox: joinTokens needs at least one commit token')
  if (eras.size > 1) {
    throw new TrifoldError('ERA_MISMATCH', 'outbox: the commit tokens belong to different eras; read without them')
  }
  return [...eras, ...new Set(parsed.flatMap((one) => one.xids))].join('.')
}

/** Reads a commit token. @throws TOKEN_INVALID */
export function parseToken(text: CommitToken): ParsedToken {
  const { era, nonce, transactions = '' } = form.exec(text)?.groups ?? {}
  const xids = transactions.split('.').slice(1).map(BigInt)
  if (era !== undefined && BigInt(era) <= largestEra && xids.every((xid) => xid <= largestXid))
    return { era: BigInt(era), nonce, xids }
  const shown = JSON.stringify(text.slice(0, 80))
  throw new TrifoldError(
    'TOKEN_INVALID',
    `query: ${shown} is not a commit token; pass what append() or token() returned`,
  )
}

const form = /^(?<era>\d{1,19})(-(?<nonce>[0-9a-f]{1,16}))?(?<transactions>(\.\d{1,20})*)$/

/** An era is an int8, a transaction id an xid8. */
const largestEra = 2n ** 63n - 1n
const largestXid = 2n ** 64n - 1n
