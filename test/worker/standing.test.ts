import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { resolveConfig } from '../../src/config.ts'
import { patch } from '../../src/read-model.ts'
import { rebuildTarget } from '../../src/rebuild.ts'
import { readStanding } from '../../src/schema/standing.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

const watched = 'ticket@table'
const other = 'note@table'
let database: TestDatabase
let views: string
let toolkit: Toolkit

beforeAll(async () => {
  database = await createDatabase()
  await database.pool.query(`
    create table tickets (id integer primary key, title text not null);
    create table notes (id integer primary key);
    create function shown(title text) returns text language plpgsql immutable as 'begin return title; end';
    create view titled as select id, shown(title) as title from tickets`)
  views = await mkdtemp(join(tmpdir(), 'trifold-standing-'))
  await writeFile(join(views, 'ticket_v01.sql'), 'select id, title from titled')
  await writeFile(join(views, 'note_v01.sql'), 'select id from notes')
  const model = { key: ['id'], on: { Moved: ({ id }: { id: number }) => patch([id], {}) }, targets: { table: {} } }
  const config = {
    database: database.url,
    views,
    events: { Moved: z.object({ id: z.int() }) },
    readModels: { ticket: model, note: model },
  }
  toolkit = await openToolkit(resolveConfig(config as never, views))
  for (const target of toolkit.targets.values()) await rebuildTarget(target, 'test')
})

afterAll(async () => {
  await toolkit?.close()
  await database?.close()
  if (views) await rm(views, { recursive: true })
})

const standing = async () => {
  const found = await readStanding(toolkit.pool, [watched, other])
  return { watched: found.get(watched), other: found.get(other) }
}

/** What hands and commands do to what the watched target stands on. `{storage}` is its table. */
const changes = {
  'a column of its table': 'alter table {storage} add column extra integer',
  'a column that is gone again': 'alter table {storage} drop column extra',
  'a trigger of its table': `
    create trigger keep before update on {storage} for each row execute function suppress_redundant_updates_trigger()`,
  'a rule of its table': 'create rule keep as on delete to {storage} do instead nothing',
  'an index of its table': 'create index tickets_by_title on {storage} (title)',
  'the comment of its name': "comment on view ticket__table is 'something else'",
  'its serving name': 'drop view ticket',
  'what its definition reads': 'alter table tickets rename column title to heading',
  'a view that it reads': 'create or replace view titled as select id, shown(heading) || $$!$$ as title from tickets',
  'a function inside of that': `
    create or replace function shown(title text) returns text language plpgsql immutable as 'begin return title || title; end'`,
  'a relation of a name that it reads in another schema': 'create schema app; create table app.titled (id integer)',
  'the name of a schema': 'alter schema app rename to application',
  'a detachment': "insert into trifold.detachments (read_model, state) values ('ticket', 'detaching')",
  'the end of a detachment': "update trifold.detachments set state = 'attached', attached_at = now()",
  'a switch': "update trifold.serving set switched_to = 'ticket@view' where read_model = 'ticket'",
  'the settings of its generation': "update trifold.generations set settings = '{}' where target = 'ticket@table'",
  'the loss of its table': 'drop table {storage} cascade',
  'the generation that serves': "update trifold.generations set state = 'retired' where target = 'ticket@table'",
}

test('is another one after each change of what the target stands on, and the same for the other target', async () => {
  const { rows } = await database.pool.query(`
    select format('trifold.%I', storage) as storage
    from trifold.generations
    where target = '${watched}' and state = 'serving'`)
  const seen = new Set([(await standing()).watched])
  const before = await standing()
  for (const [what, statement] of Object.entries(changes)) {
    await database.pool.query(statement.replaceAll('{storage}', rows[0].storage))
    const now = await standing()
    expect(seen, what).not.toContain(now.watched)
    seen.add(now.watched)
    expect(now.other, what).toBe(before.other)
  }
})

test('stays the same while rows change, statistics are made, and the target is checked', async () => {
  const before = await standing()
  expect(before.other).toBeDefined()
  await toolkit.target(other).prepare()
  const { rows } = await database.pool.query(`
    select format('trifold.%I', storage) as storage
    from trifold.generations
    where target = '${other}' and state = 'serving'`)
  await database.pool.query(`insert into ${rows[0].storage} (id) select generate_series(1, 1000)`)
  await database.pool.query(`analyze ${rows[0].storage}`)
  await database.pool.query(`vacuum ${rows[0].storage}`)
  await database.pool.query('analyze notes')
  expect((await standing()).other).toBe(before.other)
})
