import type { BenchDatabase } from './database.ts'
import type { Figure } from './figure.ts'
import type { BenchOptions } from './options.ts'

/** What every benchmark is given. */
export interface BenchContext {
  /** A superuser's address of PostgreSQL. */
  databaseUrl: string
  /** OpenSearch's address, or undefined where there is none. */
  searchUrl: string | undefined
  /** Kafka's address, or undefined where there is none. */
  kafkaBrokers: string | undefined
  options: BenchOptions
  /** Says what is going on, on stderr. */
  log(line: string): void
  /** A new database of that name; it is dropped at the end of the run. */
  createDatabase(name: string): Promise<BenchDatabase>
}

/** One benchmark: every figure that it gives is measured beside its ceiling or control, in the same run. */
export interface Bench {
  /** For `--only`. */
  name: string
  title: string
  /** Whether it needs OpenSearch. */
  search?: boolean
  /** Whether it needs Kafka. */
  kafka?: boolean
  run(context: BenchContext): Promise<Figure[]>
}
