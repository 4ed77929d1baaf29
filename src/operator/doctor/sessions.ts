import type pg from 'pg'
import { inSeconds } from '../figures.ts'
import { type Checks, ok, warning } from './finding.ts'

interface Holder {
  /** A process id, or the name of a prepared transaction. */
  name: string
  user: string
  milliseconds: number
  state: string
}

export interface SessionFacts {
  /** Sessions whose snapshot or transaction has been open for long: they hold back vacuum, and their events. */
  transactions: Holder[]
  /** Transactions that were prepared and neither committed nor rolled back. */
  prepared: Holder[]
}

const longAfter = '5 minutes'

export async function readSessionFacts(client: pg.ClientBase): Promise<SessionFacts> {
  const { rows: transactions } = await client.query(
    `select
      pid::text as name,
      coalesce(usename, backend_type) as user,
      state,
      extract(epoch from clock_timestamp() - xact_start) * 1000 as milliseconds
    from pg_stat_activity
    where xact_start < clock_timestamp() - $1::interval
      and (backend_xid is not null or backend_xmin is not null)
      and pid <> pg_backend_pid()
    order by xact_start
    limit 5`,
    [longAfter],
  )
  const { rows: prepared } = await client.query(
    `select
      gid as name,
      owner as user,
      'prepared' as state,
      extract(epoch from clock_timestamp() - prepared) * 1000 as milliseconds
    from pg_prepared_xacts
    where prepared < clock_timestamp() - $1::interval
    order by prepared
    limit 5`,
    [longAfter],
  )
  return { transactions: transactions.map(holderOf), prepared: prepared.map(holderOf) }
}

const holderOf = (row: Record<string, string>): Holder => ({
  name: row.name as string,
  user: row.user as string,
  milliseconds: Number(row.milliseconds),
  state: row.state ?? 'unknown',
})

const shown = ({ name, user, milliseconds, state }: Holder): string =>
  `${name} (${user}, ${state}, ${inSeconds(milliseconds)})`

export const sessionChecks: Checks<SessionFacts> = {
  longTransactions: ({ transactions }) =>
    transactions.length === 0
      ? ok(`no transaction has been open for ${longAfter}`)
      : warning(
          `open for more than ${longAfter}: ${transactions.map(shown).join(', ')}; vacuum cannot clean up behind them`,
          `end them if nobody needs them: select pg_terminate_backend(${transactions[0]?.name}), and set ` +
            'idle_in_transaction_session_timeout for the application',
        ),
  preparedTransactions: ({ prepared }) =>
    prepared.length === 0
      ? undefined
      : warning(
          `prepared for more than ${longAfter}: ${prepared.map(shown).join(', ')}; their events are delivered once they commit`,
          `commit prepared '${prepared[0]?.name}', or rollback prepared '${prepared[0]?.name}'`,
        ),
}
