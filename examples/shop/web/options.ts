/** How the web front is run. */
export interface WebOptions {
  /** PostgreSQL; default: DATABASE_URL, and without it the engines are started. */
  database?: string
  opensearch: boolean
  /** Default: a free one. */
  port: number
  /** How many orders an empty shop gets. */
  orders: number
}
