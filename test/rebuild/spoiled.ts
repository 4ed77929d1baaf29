import type pg from 'pg'
import type { EventFed } from '../../src/materializer.ts'
import type { Generation } from '../../src/schema/generations.ts'

/** From now on whatever is written to a table has a wrong quantity. */
export async function spoilWrites(pool: pg.Pool, { storage }: Pick<Generation, 'storage'>): Promise<void> {
  await pool.query(`
    create or replace function public.spoil() returns trigger language plpgsql as $$
    begin
      new.quantity := 100;
      return new;
    end $$`)
  await pool.query(
    `create trigger spoil before insert or update on trifold.${storage} for each row execute function public.spoil()`,
  )
}

/** The last step of the copy spoils what it has copied. */
export const spoiledBy = (
  materializer: EventFed,
  spoil: (generation: Pick<Generation, 'storage'>) => Promise<unknown>,
): EventFed => ({
  ...materializer,
  build(options) {
    const build = materializer.build(options)
    const { ranges } = build
    if (!ranges) throw new Error('it has no ranges')
    const finish: typeof ranges.finish = async (client, generation) => {
      await ranges.finish(client, generation)
      await spoil(generation)
    }
    return { ...build, ranges: { ...ranges, finish } }
  },
})
