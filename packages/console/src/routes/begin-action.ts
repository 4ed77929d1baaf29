import type { FastifyRequest } from 'fastify'
import type { AuditedAction } from 'trifold/internal/operator/audit'
import type { Routes } from './context.ts'

/** Begins what an operator asks for, with the name of the key. @throws if it cannot be written down */
export async function beginAction(
  { underway, sight }: Routes,
  { viewer, log }: FastifyRequest,
  action: Omit<AuditedAction, 'actor'>,
  work: (signal: AbortSignal) => Promise<string>,
): Promise<void> {
  await underway.begin({ actor: viewer.key as string, ...action }, work, (error) =>
    log.error({ err: error }, 'an action could not be recorded'),
  )
  sight.forget()
}
