import type { Shop } from '../shop.ts'
import type { ShopTrifold } from '../trifold.config.ts'

/** The worker as the pages see it: they can have it stand still for a while, to show what is stale then. */
export interface PausableWorker {
  /** Stops it, and starts it again after `milliseconds`. */
  pause(milliseconds: number): Promise<void>
  /** When it will be started again; undefined while it runs. */
  pausedUntil(): Date | undefined
}

/** What every route is given. */
export interface WebContext {
  shop: Shop
  trifold: ShopTrifold
  worker: PausableWorker
}
