import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { grantOf } from './granted.ts'

/**
 * The tag of an answer: of all that is in it, and of who reads. It is another one for each key, so nothing between them takes
 * the answer of one for that of the other. The age of an answer is left out, so the tag is weak; a tag of the snapshot alone
 * would outlive a row that a verification has repaired.
 */
export function entityTag({ caller }: FastifyRequest, readModel: string, answer: object): string {
  const reader = JSON.stringify([caller.key ?? null, readModel, grantOf(caller, readModel)])
  const hash = createHash('sha256').update(reader).update('\0').update(JSON.stringify(answer)).digest('base64url')
  return `W/"${hash.slice(0, 32)}"`
}

/** Whether the client has the answer with this tag. `*` is for writes. */
export const isKnown = ({ method, headers }: FastifyRequest, tag: string): boolean =>
  method === 'GET' &&
  (headers['if-none-match'] ?? '').split(',').some((one) => `W/${one.trim().replace(/^W\//, '')}` === tag)
