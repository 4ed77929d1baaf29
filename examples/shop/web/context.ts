import type { Shop } from '../shop.ts'
import type { ShopTrifold } from '../trifold.config.ts'

/** The worker as the pages see it: they can have it stand still for a while, to show what is stale then. */
export interface PausableWorker {
  /** Stops it, and starts it again after `milliseconds`. */
  pause(milliseconds: number): Promise<void>
  /** When it will be started again; undefined while it runs. */
  pausedUntil(): Date | undefined
  /** Ends it as a crash would; another takes its place. */
  kill(): void
}

/** What breaks the read model of orders, to see how it heals. */
export interface Breakage {
  /** Holds a lock on its table for a while: the worker cannot write there, and readers go on. */
  lockTable(): Promise<void>
  /** When the lock ends; undefined while there is none. */
  lockedUntil(): Date | undefined
  /** Deletes its index. */
  deleteIndex(): Promise<void>
}

/** The addresses of what `trifold serve` shows of the shop. */
export interface Tools {
  explorer: string
  console: string
}

/** What every route is given. */
export interface WebContext {
  shop: Shop
  trifold: ShopTrifold
  worker: PausableWorker
  breakage: Breakage
  tools: Tools
}
