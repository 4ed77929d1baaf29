import type { ReadModelEntry } from '@trifold/http'
import type { Api } from '../api.ts'
import type { Manner } from '../format.ts'
import { addressOf } from '../view/address.ts'
import type { View } from '../view.ts'

/** What the parts of the page of a read model have in common. */
export interface PageContext {
  entry: ReadModelEntry
  view: View
  api: Api
  /** The address of the page without a view. */
  path: string
}

/** The address of another view on the same page. */
export const linkTo = ({ path }: PageContext, view: View): string => path + addressOf(view)

export const mannerOf = ({ entry: { timeZone, key } }: PageContext): Manner => ({ timeZone, key })
