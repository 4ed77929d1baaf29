// The table `trifold.serving`: the target behind the serving name of each read model.
import type pg from 'pg'

/** A read model and the target that its configuration puts behind its serving name. */
export interface ServingChoice {
  readModel: string
  target: string
  /** Whether the configuration names the target; if not, the choice that was stored before stays. */
  isChosen: boolean
  /** The targets that are configured: a stored one that is not among them is replaced. */
  configured: readonly string[]
}

/** Stores the target behind the serving name. @returns the one that counts */
export async function upsertServing(
  client: Pick<pg.ClientBase, 'query'>,
  { readModel, target, isChosen, configured }: ServingChoice,
): Promise<string> {
  const { rows } = await client.query(
    `insert into trifold.serving as stored (read_model, target)
    values ($1, $2)
    on conflict (read_model) do update
    set target = case
      when $3::boolean or stored.target <> all ($4::text[]) then excluded.target
      else stored.target
    end
    returning target`,
    [readModel, target, isChosen, configured],
  )
  return rows[0].target
}

/** The target behind the serving name of a read model; undefined if no row says so. */
export async function servingTarget(
  client: Pick<pg.ClientBase, 'query'>,
  readModel: string,
): Promise<string | undefined> {
  const { rows } = await client.query('select target from trifold.serving where read_model = $1', [readModel])
  return rows[0]?.target
}

/** Whether the target is the one behind the serving name of the read model. */
export async function isServingTarget(client: pg.ClientBase, readModel: string, target: string): Promise<boolean> {
  const { rows } = await client.query('select from trifold.serving where read_model = $1 and target = $2', [
    readModel,
    target,
  ])
  return rows.length > 0
}

/** Deletes the choice of a target. */
export async function deleteServing(client: pg.ClientBase, target: string): Promise<void> {
  await client.query('delete from trifold.serving where target = $1', [target])
}
