export const orders = ['o0', 'o1', 'o2']
export const products = ['p0', 'p1']
export const days = ['d0', 'd1']

export interface OrderRow {
  status: number
  quantity: number
  product: string
  day: string
}

/** A row of a read model, or of the write model. */
export type Row = Record<string, string | number>

/** One with a column of another aggregate, one with a fold, and a plain one. */
export const readModels = ['pictured_order', 'day_total', 'plain_order'] as const
export type ReadModelName = (typeof readModels)[number]

export const keysOf = (model: ReadModelName): string[] => (model === 'day_total' ? days : orders)
