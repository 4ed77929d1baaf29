import { subscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import { clock } from '../clock.ts'

/** One index refresh: when it ended, by {@link clock}, and the milliseconds that it took. */
export type TimedRefresh = [at: number, milliseconds: number]

/** Times the index refreshes that this process asks for, from the request to its answer. */
export function timeIndexRefreshes(): TimedRefresh[] {
  const begun = new WeakMap<ClientRequest, number>()
  const refreshes: TimedRefresh[] = []
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { request: ClientRequest }
    if (/\/_refresh(\?|$)/.test(request.path)) begun.set(request, clock())
  })
  subscribe('http.client.response.finish', (message) => {
    const { request } = message as { request: ClientRequest }
    const started = begun.get(request)
    if (started !== undefined) refreshes.push([clock(), clock() - started])
  })
  return refreshes
}
