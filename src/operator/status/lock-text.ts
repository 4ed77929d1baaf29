import type { ExclusiveLock } from '../../database/exclusive-locks.ts'

/** `public.orders is locked by psql (pid 71) since 2026-11-29T18:00:00.000Z: alter table orders …` */
export function lockText({ relation, application, pid, since, query }: ExclusiveLock): string {
  const ran = query ? `: ${query}` : ''
  return `${relation} is locked by ${application} (pid ${pid})${since ? ` since ${since}` : ''}${ran}`
}
