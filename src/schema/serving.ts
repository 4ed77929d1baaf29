// The table `trifold.serving`: the target behind the serving name of each read model, and the one that an operator chose.
import type pg from 'pg'
import { utcText } from '../sql.ts'

type Executor = Pick<pg.ClientBase, 'query'>

/** A read model and the target that its configuration puts behind its serving name. */
export interface ServingChoice {
  readModel: string
  target: string
  /** Whether the configuration names the target; if not, the choice that was stored before stays. */
  isChosen: boolean
  /** The targets that are configured and have a name in SQL: a stored one that is not among them is replaced. */
  named: readonly string[]
  /** The target that is configured and has none. */
  unnamed?: string | undefined
}

/**
 * Stores the target behind the serving name. One that an operator has chosen outranks the configuration; if it has no name
 * in SQL, the serving name stays as it is.
 *
 * @returns the one that counts
 */
export async function upsertServing(
  client: Executor,
  { readModel, target, isChosen, named, unnamed }: ServingChoice,
): Promise<string> {
  const { rows } = await client.query(
    `insert into trifold.serving as stored (read_model, target)
    values ($1, $2)
    on conflict (read_model) do update
    set target = case
      when stored.switched_to = any ($4::text[]) then stored.switched_to
      when stored.target <> all ($4::text[]) then excluded.target
      when stored.switched_to = $5::text then stored.target
      when $3::boolean then excluded.target
      else stored.target
    end
    returning target`,
    [readModel, target, isChosen, named, unnamed ?? null],
  )
  return rows[0].target
}

/** The target behind the serving name of a read model; undefined if no row says so. */
export async function servingTarget(client: Executor, readModel: string): Promise<string | undefined> {
  const { rows } = await client.query('select target from trifold.serving where read_model = $1', [readModel])
  return rows[0]?.target
}

/** Whether the target is the one behind the serving name of the read model. */
export async function isServingTarget(client: pg.ClientBase, readModel: string, target: string): Promise<boolean> {
  return (await servingTarget(client, readModel)) === target
}

/** An SQL expression: the target that an operator has chosen for a read model; null if none. @param readModel an expression */
export const switchedTo = (readModel: string): string => `(
    select switched_to
    from trifold.serving
    where read_model = ${readModel}
  )`

/** The target that an operator has chosen for a read model; undefined if none. */
export async function readSwitch(client: Executor, readModel: string): Promise<string | undefined> {
  const { rows } = await client.query({
    name: 'trifold_switch',
    text: `select ${switchedTo('$1')} as switched_to`,
    values: [readModel],
  })
  return rows[0].switched_to ?? undefined
}

/** A switch that is stored. */
export interface StoredSwitch {
  readModel: string
  to: string
  /** ISO 8601 in UTC. */
  at: string
}

/** All switches that are stored. */
export async function readSwitches(client: Executor): Promise<StoredSwitch[]> {
  const { rows } = await client.query(
    `select read_model, switched_to, ${utcText('switched_at')} as switched_at
    from trifold.serving
    where switched_to is not null
    order by read_model`,
  )
  return rows.map((row) => ({ readModel: row.read_model, to: row.switched_to, at: row.switched_at }))
}

/**
 * Stores which target an operator has chosen. The row is locked until the transaction ends, so nobody else points the serving
 * name meanwhile.
 *
 * @param to undefined for the target of the configuration
 * @param name the target that the serving name is to show; if none is given it stays
 */
export async function storeSwitch(
  client: pg.ClientBase,
  readModel: string,
  { to, name, otherwise }: { to: string | undefined; name: string | undefined; otherwise: string },
): Promise<void> {
  await client.query(
    `insert into trifold.serving as stored (read_model, target, switched_to, switched_at)
    values ($1, coalesce($3::text, $4::text), $2::text, case when $2::text is not null then clock_timestamp() end)
    on conflict (read_model) do update
    set
      target = coalesce($3::text, stored.target),
      switched_to = excluded.switched_to,
      switched_at = excluded.switched_at`,
    [readModel, to ?? null, name ?? null, otherwise],
  )
}

/** Deletes the choice of a target. The serving name is free then, whatever requests go to. */
export async function deleteServing(client: pg.ClientBase, target: string): Promise<void> {
  await client.query(
    `update trifold.serving
    set switched_to = null, switched_at = null
    where switched_to = $1`,
    [target],
  )
  await client.query('delete from trifold.serving where target = $1 and switched_to is null', [target])
  await client.query('update trifold.serving set target = switched_to where target = $1', [target])
}
