import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import type { Toolkit } from '../../src/toolkit.ts'
import { openWhenReachable } from '../../src/worker/open.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { Load } from '../support/market/load.ts'
import { dayTotal, marketConfig, picturedOrder, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'

/** What `doctor` and docs/operations.md say. */
const promised = 12
const count = 24
const kinds = { plain_order: plainOrder, day_total: dayTotal, pictured_order: picturedOrder }
const fresh = new AbortController().signal

describe('the connections of a worker', () => {
  let database: TestDatabase
  let views: string
  let toolkit: Toolkit
  let worker: Worker | undefined
  const observed = new Observed()

  beforeEach(async () => {
    database = await createMarket()
    views = await mkdtemp(join(tmpdir(), 'trifold-connections-'))
    const models: Record<string, unknown> = {}
    for (let place = 0; place < count; place++) {
      const [name, model] = Object.entries(kinds)[place % 3] as [string, object]
      const file = fileURLToPath(new URL(`../support/market/views/${name}_v01.sql`, import.meta.url))
      await copyFile(file, join(views, `${name}_${place}_v01.sql`))
      models[`${name}_${place}`] = { ...model, targets: { table: {} } }
    }
    const config = resolveConfig({ ...marketConfig({ database: database.url }, models as never), views })
    toolkit = (await openWhenReachable(config, { signal: fresh })) as Toolkit
  })
  afterEach(async () => {
    await worker?.stop()
    await toolkit.close()
    await database.close()
    await rm(views, { recursive: true })
  })

  const sessions = async (): Promise<string[]> => {
    const { rows } = await database.pool.query(
      `select application_name as name
      from pg_stat_activity
      where datname = current_database() and application_name like 'trifold%'`,
    )
    return rows.map(({ name }) => name)
  }

  /** Ends a session. @returns how many targets it kept */
  const cut = async (name: string): Promise<number> => {
    const { rows } = await database.pool.query(
      `select count(*)::integer as targets, pg_terminate_backend(pid, 5000)
      from pg_stat_activity
      join trifold.consumers on backend_pid = pid
      where datname = current_database() and application_name = $1
      group by pid`,
      [name],
    )
    return rows[0]?.targets ?? 0
  }

  it(`are ${promised} at most for ${count} tables: while it builds them, under load and while sessions are cut`, async () => {
    let most: string[] = []
    let isWatching = true
    const watching = (async () => {
      while (isWatching) {
        const now = await sessions()
        if (now.length > most.length) most = now
      }
    })()
    const load = await Load.open(database.url, 7)
    load.run()
    worker = await startWorker(toolkit, { observe: observed.observe })
    await observed.when('target.leased', count)
    for (let round = 0; round < 3; round++) {
      const before = observed.of('target.leased').length
      const cutOff = await cut(`trifold consumer ${round + 1}`)
      expect(cutOff).toBeGreaterThan(1)
      await observed.when('target.leased', before + cutOff)
    }
    await load.close()
    await expectAgreement(database.url, toolkit.targets.values())
    isWatching = false
    await watching
    expect(most.length, most.join(', ')).toBeLessThanOrEqual(promised)
    expect(observed.of('target.stopped')).toEqual([])
  })
})
