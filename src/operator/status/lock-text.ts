import type { ExclusiveLock } from '../../schema/exclusive-locks.ts'
import type { Session } from '../../schema/sessions.ts'

/** `psql (pid 71) since 2026-11-29T18:00:00.000Z: alter table orders …` */
export function sessionText({ application, pid, since, query }: Session): string {
  return `${application} (pid ${pid})${since ? ` since ${since}` : ''}${query ? `: ${query}` : ''}`
}

/** `public.orders is locked by psql (pid 71) …` */
export const lockText = (lock: ExclusiveLock): string => `${lock.relation} is locked by ${sessionText(lock)}`
