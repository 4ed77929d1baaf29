import type { Client } from '@opensearch-project/opensearch'
import { engineError, searchError } from '../../opensearch/search-error.ts'
import { writeAlias } from './index-names.ts'
import { bookkeeping } from './mapping.ts'

/**
 * Id of the document that holds the state of an index. It lives in the index itself, so that it is lost, restored and
 * dropped with it. No row may have this id.
 */
export const stateDocumentId = 'trifold:state'

/** Which write of the state document was read or made: the next write names it. */
export interface StateVersion {
  seqNo: number
  primaryTerm: number
}

export type StateRead<State> =
  | ({ status: 'found'; state: State } & StateVersion)
  | { status: 'absent' }
  | { status: 'index_missing' }

/** Reads the state of an index as it is now, whether an index refresh has happened or not. */
export async function readState<State>(client: Client, index: string): Promise<StateRead<State>> {
  try {
    const { body } = await client.get({ index, id: stateDocumentId })
    const state = (body._source as { [bookkeeping.state]: State })[bookkeeping.state]
    return { status: 'found', state, seqNo: Number(body._seq_no), primaryTerm: Number(body._primary_term) }
  } catch (error) {
    const engine = engineError(error)
    if (engine?.type === 'index_not_found_exception') return { status: 'index_missing' }
    if (engine?.status === 404) return { status: 'absent' }
    throw searchError(error, `reading the state of "${index}"`)
  }
}

/**
 * Writes the state of an index if it still is what `expected` names, or if there is none yet if `expected` is
 * undefined. Returns `conflict` if somebody else has written it. It is never tried again by itself: after an
 * unknown outcome, read the state.
 *
 * @throws SEARCH_FAILED with `details.kind` `index_missing` if the index is gone; SEARCH_UNREACHABLE
 */
export async function writeState<State>(
  client: Client,
  index: string,
  state: State,
  expected?: StateVersion,
): Promise<StateVersion | 'conflict'> {
  const condition =
    expected === undefined
      ? { op_type: 'create' as const }
      : { if_seq_no: expected.seqNo, if_primary_term: expected.primaryTerm }
  const body = { [bookkeeping.deleted]: true, [bookkeeping.state]: state }
  const target = { index: writeAlias(index), require_alias: true, id: stateDocumentId }
  try {
    const answer = await client.index({ ...target, ...condition, body }, { maxRetries: 0 })
    return { seqNo: Number(answer.body._seq_no), primaryTerm: Number(answer.body._primary_term) }
  } catch (error) {
    if (engineError(error)?.type === 'version_conflict_engine_exception') return 'conflict'
    throw searchError(error, `writing the state of "${index}"`)
  }
}
