import type pg from 'pg'

/** Where a connection dies: at its statement of that place (from 0), before or after the server has run it. */
export interface Death {
  statement: number
  executed: boolean
}

const died = (): Error => new Error('the connection was made to die')

/**
 * The connection as a consumer sees it that dies, and whether it has. The server rolls back what a dead one left open: the
 * caller does so.
 */
export function dyingClient(client: pg.Client, death: Death): { client: pg.Client; isDead: () => boolean } {
  let dead = false
  const dying = watchedClient(client, async (place, query) => {
    if (dead) throw died()
    if (place !== death.statement) return query()
    dead = true
    if (death.executed) await query()
    throw died()
  })
  return { client: dying, isDead: () => dead }
}

/** The connection as a consumer sees it that is held up ahead of its first statement, while something else happens. */
export function heldUpClient(client: pg.Client, meanwhile: () => Promise<void>): pg.Client {
  return watchedClient(client, async (place, query) => {
    if (place === 0) await meanwhile()
    return query()
  })
}

/** @param run is given the place of a statement and what sends it */
function watchedClient(
  client: pg.Client,
  run: (place: number, query: () => Promise<unknown>) => Promise<unknown>,
): pg.Client {
  const query = client.query.bind(client) as (...statement: unknown[]) => Promise<unknown>
  let next = 0
  const watched = (...statement: unknown[]) => run(next++, () => query(...statement))
  return Object.create(client, { query: { value: watched } })
}
