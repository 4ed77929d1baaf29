/** How the web front is run. */
export interface WebOptions {
  /** PostgreSQL; default: DATABASE_URL, and without it the engines are started. */
  database?: string
  opensearch: boolean
  /** Default: a free one. */
  port: number
  /** How many orders an empty shop gets. */
  orders: number
  /** Commands a second that are carried out while it is open; 0 for none. */
  traffic: number
}
