import type pg from 'pg'
import { lockHeld, utcText } from '../../sql.ts'

/** A build of a table or an index that is under way. Times are ISO 8601 in UTC. */
export interface BuildUnderWay {
  target: string
  generation: number
  /** `catching up`: all rows are copied; it applies what was committed meanwhile, is compared, and serves. */
  phase: 'copying' | 'catching up'
  startedAt: string
  /** Rows that are copied and committed; undefined while they are copied at one snapshot, in one transaction. */
  rows: number | undefined
  /** Rows that the generation which serves was built with. */
  expectedRows: number | undefined
  /** Rows a second over the last minute, or since it began; undefined if none was copied in that time. */
  rowsPerSecond: number | undefined
}

const minute = `interval '60 seconds'`

const statement = `
  select distinct on (build.target)
    build.target,
    build.number as generation,
    case build.state when 'built' then 'catching up' else 'copying' end as phase,
    ${utcText('build.created_at')} as started_at,
    coalesce(build.row_count, copied.rows) as rows,
    serving.row_count as expected_rows,
    copied.lately / extract(epoch from least(${minute}, clock_timestamp() - build.created_at)) as rows_per_second
  from trifold.generations as build
  left join trifold.generations as serving on serving.target = build.target and serving.state = 'serving'
  cross join lateral (
    select
      sum(row_count) as rows,
      sum(row_count) filter (where copied_at > clock_timestamp() - ${minute}) as lately
    from trifold.range_snapshots
    where generation_id = build.id
  ) as copied
  where build.target = any ($1::text[])
    and build.target not like '%@view'
    and build.state in ('building', 'built')
    and build.failure is null
    and build.number > coalesce(serving.number, 0)
    and ${lockHeld(`'trifold rebuild ' || build.target`)}
  order by build.target, build.number desc`

/** The builds of tables and indexes that are under way, the newest of each target. */
export async function buildsUnderWay(
  client: Pick<pg.ClientBase, 'query'>,
  targets: readonly string[],
): Promise<BuildUnderWay[]> {
  const { rows } = await client.query(statement, [targets])
  return rows.map((row) => ({
    target: row.target,
    generation: Number(row.generation),
    phase: row.phase,
    startedAt: row.started_at,
    rows: numberOf(row.rows),
    expectedRows: numberOf(row.expected_rows),
    rowsPerSecond: row.phase === 'copying' ? numberOf(row.rows_per_second) : undefined,
  }))
}

const numberOf = (text: string | null): number | undefined => (text === null ? undefined : Math.round(Number(text)))
