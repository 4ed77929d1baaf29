import type { TestSearch } from '../support/search.ts'
import { until } from '../support/until.ts'
import { replaceDialled } from './dial.ts'
import type { FaultStand } from './fault-stand.ts'

type Materializer = 'table' | 'view' | 'search'

/** Something that goes wrong behind the back of Trifold. */
export interface Fault {
  name: string
  /** What must not be green then. */
  hits: Materializer
  /** Does it. @returns undoes it, so that all is green again */
  does(stand: FaultStand): Promise<() => Promise<unknown>>
  /** Whether running workers mend it by themselves: the generation that serves is another one then, or this holds. */
  heals?: (stand: FaultStand) => Promise<boolean>
}

const nothing = async () => {}

/** A statement, and another one that undoes it. */
const sql =
  (statement: string, undo?: string) =>
  async ({ project: { database } }: FaultStand) => {
    await database.pool.query(statement)
    return async () => undo && database.pool.query(undo)
  }

/** A transaction that stays open. */
const open =
  (statement: string) =>
  async ({ project: { database } }: FaultStand) => {
    const client = await database.pool.connect()
    await client.query(`begin; ${statement}`)
    return async () => {
      await client.query('rollback')
      client.release()
    }
  }

const diskFull = '53100'

const fails = (errcode: string) => async (stand: FaultStand) => {
  await stand.dial({ errcode })
  return async () => {
    await stand.dial({})
    if (errcode !== diskFull) return
    await stand.signalWorker('SIGKILL') // it waits for a minute
    await stand.startWorker()
    await stand.project.cli('refresh', 'item@view')
  }
}

type Change = (database: FaultStand['project']['database']) => Promise<unknown>

/** What a definition reads is another one, until the worker has noticed too: the table stops at it. */
const drifts =
  (change: Change, undo: Change) =>
  async ({ project: { database } }: FaultStand) => {
    await change(database)
    await until('the table has stopped', async () => {
      const { rowCount } = await database.pool.query(
        `select from trifold.consumers where failure ->> 'code' = 'DEFINITION_DRIFT'`,
      )
      return rowCount === 1
    })
    return () => undo(database)
  }

const signal = (name: NodeJS.Signals, undo: (stand: FaultStand) => Promise<unknown>) => async (stand: FaultStand) => {
  await stand.signalWorker(name)
  return () => undo(stand)
}

const isThere = (relation: string) => async (stand: FaultStand) =>
  (await stand.project.database.pool.query('select to_regclass($1) is not null as there', [relation])).rows[0].there

const rebuilt = (materializer: Materializer) => async (stand: FaultStand) => {
  const { rows } = await stand.project.database.pool.query(
    `select max(number) > $2 as rebuilt from trifold.generations where target = $1 and state = 'serving'`,
    [`item@${materializer}`, stand.generations.get(materializer)],
  )
  return rows[0].rebuilt
}

/** The serving relation of a target, in a `do` block. */
const withStorage = (materializer: Materializer, statement: string) =>
  `do $$ declare storage text; begin
    select g.storage into storage from trifold.generations as g where target = 'item@${materializer}' and state = 'serving';
    execute format('${statement}', storage);
  end $$`

export const faults: Fault[] = [
  {
    name: 'a lock on the table of a view',
    hits: 'view',
    does: open('lock table public.items in access exclusive mode'),
  },
  {
    name: 'a lock on the table of a table',
    hits: 'table',
    does: open('lock table public.items in access exclusive mode'),
  },
  {
    name: 'a lock on the rows of a view',
    hits: 'view',
    does: open(withStorage('view', 'alter materialized view trifold.%I owner to current_user')),
  },
  {
    name: 'a lock on the rows of a table',
    hits: 'table',
    does: open(withStorage('table', 'lock table trifold.%I in access exclusive mode')),
  },
  {
    name: 'a lock that only writers of a view feel',
    hits: 'view',
    does: open(withStorage('view', 'analyze trifold.%I')),
  },
  ...['22012', '42P01', '42501', '40P01', '55P03', '53100', '57014', '08006'].map(
    (state): Fault => ({ name: `refreshes that fail with ${state}`, hits: 'view', does: fails(state) }),
  ),
  {
    name: 'refreshes that take far longer than their interval',
    hits: 'view',
    async does(stand) {
      await stand.dial({ sleep: 60 })
      return async () => {
        await stand.dial({})
        await stand.project.cli('refresh', 'item@view', '--cancel')
      }
    },
  },
  {
    name: 'a serving name of a view that was dropped',
    hits: 'view',
    does: sql('drop view public.item__view'),
    heals: isThere('public.item__view'),
  },
  {
    name: 'a serving name of a table that was dropped',
    hits: 'table',
    does: sql('drop view public.item__table'),
    heals: isThere('public.item__table'),
  },
  {
    name: 'a table whose storage was dropped',
    hits: 'table',
    does: sql(withStorage('table', 'drop table trifold.%I cascade')),
    heals: rebuilt('table'),
  },
  {
    name: 'a view whose storage was dropped',
    hits: 'view',
    does: sql(withStorage('view', 'drop materialized view trifold.%I cascade')),
    heals: rebuilt('view'),
  },
  {
    name: 'a view that was refreshed with no data',
    hits: 'view',
    does: sql(withStorage('view', 'refresh materialized view trifold.%I with no data')),
    heals: stillRefreshed,
  },
  {
    name: 'a view that lost its unique index',
    hits: 'view',
    does: sql(withStorage('view', 'drop index trifold.%I').replace('%I', '%s_key')),
    heals: rebuilt('view'),
  },
  {
    name: 'a schedule that was deleted',
    hits: 'view',
    does: sql(
      'create table public.kept as select * from trifold.schedules; delete from trifold.schedules',
      'insert into trifold.schedules select * from public.kept on conflict do nothing; drop table public.kept',
    ),
  },
  {
    name: 'a schedule that was broken by hand',
    hits: 'view',
    does: sql(
      `update trifold.schedules set every_ms = null, cron = 'nonsense', time_zone = 'UTC'`,
      `update trifold.schedules set every_ms = 300, cron = null, time_zone = null`,
    ),
  },
  {
    name: 'a cursor that was deleted',
    hits: 'table',
    does: sql(
      `delete from trifold.consumers where generation_id in (select id from trifold.generations where target = 'item@table')`,
    ),
    heals: rebuilt('table'),
  },
  {
    name: 'a worker that was killed, seen by its view',
    hits: 'view',
    does: signal('SIGKILL', (stand) => stand.startWorker()),
  },
  {
    name: 'a worker that was killed, seen by its table',
    hits: 'table',
    does: signal('SIGKILL', (stand) => stand.startWorker()),
  },
  { name: 'a worker that was asked to stop', hits: 'view', does: signal('SIGTERM', (stand) => stand.startWorker()) },
  {
    name: 'a worker that is frozen, seen by its view',
    hits: 'view',
    does: signal('SIGSTOP', (stand) => stand.signalWorker('SIGCONT')),
  },
  {
    name: 'a worker that is frozen, seen by its table',
    hits: 'table',
    does: signal('SIGSTOP', (stand) => stand.signalWorker('SIGCONT')),
  },
  {
    name: 'an edited definition',
    hits: 'view',
    async does({ project, definition }) {
      await project.write('views/item_v01.sql', `${definition} and true`)
      return () => project.write('views/item_v01.sql', definition)
    },
  },
  ...(['view', 'table'] as const).flatMap((hits): Fault[] => [
    {
      name: `a column of a source that was renamed, seen by its ${hits}`,
      hits,
      does: drifts(
        ({ pool }) => pool.query('alter table public.items rename column name to title'),
        ({ pool }) => pool.query('alter table public.items rename column title to name'),
      ),
    },
    {
      name: `a function that was replaced, seen by its ${hits}`,
      hits,
      does: drifts(
        ({ pool }) => replaceDialled(pool, 'return true;'),
        ({ pool }) => replaceDialled(pool),
      ),
    },
  ]),
]

/** It has rows again: the worker has refreshed it since. */
async function stillRefreshed(stand: FaultStand): Promise<boolean> {
  const { rows } = await stand.project.database.pool.query(
    `select bool_and(relispopulated) as filled from pg_class where relname like 'item\\_\\_view\\_g%'`,
  )
  return rows[0].filled
}

const index = (stand: FaultStand) => `${stand.search?.prefix}item*`

/** Faults of an index. */
const searchDoes =
  (
    does: (search: TestSearch, stand: FaultStand) => Promise<unknown>,
    undo: (search: TestSearch, stand: FaultStand) => Promise<unknown> = nothing,
  ) =>
  async (stand: FaultStand) => {
    const search = stand.search as TestSearch
    await does(search, stand)
    return () => undo(search, stand)
  }

const blocks = (name: string) =>
  searchDoes(
    ({ client }, stand) =>
      client.indices.putSettings({ index: index(stand), body: { [`index.blocks.${name}`]: true } }),
    ({ client }, stand) =>
      client.indices.putSettings({ index: index(stand), body: { [`index.blocks.${name}`]: null } }),
  )

export const searchFaults: Fault[] = [
  {
    name: 'an index that was deleted',
    hits: 'search',
    does: searchDoes(async ({ client }, stand) => client.indices.delete({ index: await stand.indexOf() })),
    heals: rebuilt('search'),
  },
  { name: 'an index that takes no writes', hits: 'search', does: blocks('write') },
  { name: 'an index that may only be deleted from', hits: 'search', does: blocks('read_only_allow_delete') },
  { name: 'another index prefix', hits: 'search', does: async (stand) => stand.configureSearch({ prefix: 'other_' }) },
  {
    name: 'an OpenSearch that does not answer',
    hits: 'search',
    does: async (stand) => stand.configureSearch({ url: 'http://127.0.0.1:9' }),
  },
]
