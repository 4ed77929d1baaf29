// A read model over one table in all three targets, and what each of them stores, in PostgreSQL's text form.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { z } from 'zod'
import { resolveConfig } from '../../src/config.ts'
import { openPool } from '../../src/database.ts'
import { definitionSource } from '../../src/definition.ts'
import type { Row } from '../../src/encoding.ts'
import { rowPages } from '../../src/query/row-pages.ts'
import { fold, patch, type ReadModel, recompute, remove, set } from '../../src/read-model.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { createSearch, type TestSearch } from '../support/search.ts'
import { TargetDriver } from '../support/target-driver.ts'

const keys = z.object({ key: z.array(z.any()) })

/** Events that say directly what a handler is to return. */
export const valueEvents = {
  Set: z.object({ row: z.record(z.string(), z.any()) }),
  Patched: z.object({ key: z.array(z.any()), columns: z.record(z.string(), z.any()) }),
  Folded: z.object({ key: z.array(z.any()), columns: z.record(z.string(), z.any()) }),
  Recomputed: keys,
  Removed: keys,
}

const handlers = {
  Set: ({ row }: { row: Row }) => set(row),
  Patched: ({ key, columns }: { key: string[]; columns: Row }) => patch(key, columns),
  Folded: ({ key, columns }: { key: string[]; columns: Row }) =>
    fold(key, {}, (row) => ({ ...row, ...columns }) as never),
  Recomputed: ({ key }: { key: string[] }) => recompute([key]),
  Removed: ({ key }: { key: string[] }) => remove(key),
}

export type TargetName = 'table' | 'view' | 'search'

/** Rows in text form, by the text of the first key column. */
export type Texts = Map<string, Record<string, string | null>>

export class ValueStand {
  readonly database: TestDatabase
  readonly search: TestSearch
  readonly toolkit: Toolkit
  readonly pool: pg.Pool
  private readonly folder: string
  private readonly drivers = new Map<TargetName, Promise<TargetDriver>>()

  private constructor(database: TestDatabase, search: TestSearch, toolkit: Toolkit, folder: string) {
    this.database = database
    this.search = search
    this.toolkit = toolkit
    this.folder = folder
    this.pool = openPool(database.url, { name: 'test' })
  }

  /** @param tables SQL that makes and fills the application's tables */
  static async open(
    tables: string,
    select = 'select * from public.t',
    model: Partial<ReadModel> = {},
  ): Promise<ValueStand> {
    const [database, search] = [await createDatabase(), createSearch()]
    const folder = await mkdtemp(join(tmpdir(), 'trifold-values-'))
    await writeFile(join(folder, 'm_v01.sql'), select)
    await database.pool.query(tables)
    try {
      const config = resolveConfig(
        {
          database: database.url,
          search: search.url,
          indexPrefix: search.prefix,
          views: '.',
          events: valueEvents,
          readModels: {
            m: { key: ['id'], targets: { table: {}, view: { every: '1h' }, search: {} }, on: handlers, ...model },
          },
        } as never,
        folder,
      )
      return new ValueStand(database, search, await openToolkit(config), folder)
    } catch (error) {
      await database.close()
      await search.close()
      throw error
    }
  }

  get definition() {
    return this.toolkit.target('m@table').context.definition
  }

  /** The target, moved by hand. */
  driver(target: TargetName): Promise<TargetDriver> {
    const known = this.drivers.get(target)
    if (known) return known
    const opened = TargetDriver.open(this.toolkit.target(`m@${target}`), valueEvents)
    this.drivers.set(target, opened)
    return opened
  }

  async rebuild(...targets: TargetName[]): Promise<void> {
    for (const target of targets) await (await this.driver(target)).rebuild()
  }

  find(target: TargetName, request: object = {}) {
    return this.toolkit.target(`m@${target}`).find(request as never)
  }

  /** Runs a statement and appends events in one transaction. */
  async write(statement: string, values: unknown[], ...events: object[]): Promise<void> {
    const client = await this.database.pool.connect()
    try {
      await client.query('begin')
      await client.query(statement, values)
      if (events.length > 0) await this.toolkit.append(client, events as never)
      await client.query('commit')
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  }

  /** Applies all events to the table and the index. */
  async catchUp(...targets: TargetName[]): Promise<void> {
    for (const target of targets) {
      const driver = await this.driver(target)
      await driver.catchUp(await driver.lease())
      await driver.materializer.makeSearchable?.()
    }
  }

  defined(): Promise<Texts> {
    return this.texts(definitionSource(this.definition))
  }

  stored(target: TargetName): Promise<Texts> {
    return target === 'search' ? this.storedInIndex() : this.texts(`public.m__${target}`)
  }

  private async texts(relation: string): Promise<Texts> {
    const list = this.definition.columns.map(({ name }) => `"${name}"::text as "${name}"`).join(', ')
    const { rows } = await this.pool.query(`select ${list} from ${relation} as source`)
    return new Map(rows.map((row) => [row[this.definition.key[0]!.name], row]))
  }

  /** The documents' values, brought into text form by PostgreSQL. */
  private async storedInIndex(): Promise<Texts> {
    const rows: Row[] = []
    await this.toolkit.target('m@search').makeSearchable?.()
    for await (const page of rowPages(this.toolkit.target('m@search'))) rows.push(...page)
    const { columns, key } = this.definition
    const texts = columns.map(({ name, encoding }) =>
      rows.map((row) => (row[name] === null ? null : encoding.text(row[name] as never))),
    )
    const arrays = columns.map((_, place) => `$${place + 1}::text[]`).join(', ')
    const list = columns.map(({ name, encoding }, place) => `c${place}::${encoding.pgType}::text as "${name}"`)
    const names = columns.map((_, place) => `c${place}`).join(', ')
    const { rows: shown } = await this.pool.query(
      `select ${list.join(', ')} from unnest(${arrays}) as row (${names})`,
      texts,
    )
    return new Map(shown.map((row) => [row[key[0]!.name], row]))
  }

  async close(): Promise<void> {
    for (const driver of this.drivers.values()) await driver.then((one) => one.close()).catch(() => {})
    await this.toolkit.close().catch(() => {})
    await this.pool.end()
    await this.database.close()
    await this.search.close()
    await rm(this.folder, { recursive: true })
  }
}
