import type { Admin } from 'trifold'
import type { Application } from 'trifold/internal/trifold'
import type { Underway } from '../actions/underway.ts'
import type { Sight } from '../reading/sight.ts'

/** What the routes have in common. */
export interface Routes {
  /** Where the console begins, without a slash at the end. */
  home: string
  /** Where the explorer begins, if it is there. */
  explorer: string | undefined
  trifold: Application<never, never>
  admin: Admin
  sight: Sight
  underway: Underway
}
