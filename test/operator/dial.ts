import type pg from 'pg'

/** How long a refresh sleeps, in seconds, and with which SQLSTATE it fails. */
export interface Dialled {
  sleep?: number
  errcode?: string
}

/** A definition that does what the table `dial` says. */
export const dialledDefinition = 'select id, name from public.items where public.dialled()'

/** Fills the table of the items, and makes what {@link dialledDefinition} reads. */
export async function createDial(pool: pg.Pool): Promise<void> {
  await pool.query(`
    insert into public.items select n, 'item ' || n from generate_series(1, 20) as n;
    create table public.dial (sleep double precision not null, errcode text);
    insert into public.dial values (0, null);`)
  await replaceDialled(pool)
}

const asDialled = `
  select * into to_do from public.dial;
  perform pg_sleep(to_do.sleep);
  if to_do.errcode is not null then raise exception 'as dialled' using errcode = to_do.errcode; end if;
  return true;`

/** Makes the function of {@link dialledDefinition}, or makes it another one. */
export async function replaceDialled(pool: pg.Pool, body = asDialled): Promise<void> {
  await pool.query(`
    create or replace function public.dialled() returns boolean language plpgsql stable as $$
    declare to_do public.dial;
    begin ${body} end $$`)
}

export async function dial(pool: pg.Pool, { sleep = 0, errcode }: Dialled): Promise<void> {
  await pool.query('update public.dial set sleep = $1, errcode = $2', [sleep, errcode ?? null])
}
