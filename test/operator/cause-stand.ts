import type { Cause, Status } from '../../src/operator/status.ts'
import { createProject, itemConfig, type Project, type Started } from '../cli/project.ts'
import { until } from '../support/until.ts'

/** A view whose refreshes take as long, and fail as, the table `dial` says, with a worker that can be killed and frozen. */
export interface CauseStand {
  project: Project
  target: string
  worker: Started
  /** How long a refresh sleeps, in seconds, and with which SQLSTATE it fails. */
  dial(to: { sleep?: number; errcode?: string }): Promise<void>
  startWorker(): Promise<void>
  look(): Promise<Status['targets'][number]>
  /** Waits until the status has a cause of a kind. */
  whenCause(kind: Cause['kind']): Promise<Cause>
  whenGreen(): Promise<void>
  close(): Promise<void>
}

/** @param every the interval of its schedule */
export async function createCauseStand(every = '300ms'): Promise<CauseStand> {
  const project = await createProject()
  const { pool, url } = project.database
  await pool.query(`
    insert into public.items select n, 'item ' || n from generate_series(1, 20) as n;
    create table public.dial (sleep double precision not null, errcode text);
    insert into public.dial values (0, null);
    create function public.dialled() returns boolean language plpgsql stable as $$
    declare to_do public.dial;
    begin
      select * into to_do from public.dial;
      perform pg_sleep(to_do.sleep);
      if to_do.errcode is not null then raise exception 'as dialled' using errcode = to_do.errcode; end if;
      return true;
    end $$`)
  await project.write('views/item_v01.sql', 'select id, name from public.items where public.dialled()')
  await project.configure(itemConfig(url, `targets: { view: { every: '${every}' } }, on: undefined,`))
  const stand: CauseStand = {
    project,
    target: 'item@view',
    worker: project.start(['worker', '--json']),
    async dial({ sleep = 0, errcode }) {
      await pool.query('update public.dial set sleep = $1, errcode = $2', [sleep, errcode ?? null])
    },
    async startWorker() {
      stand.worker = project.start(['worker', '--json'])
    },
    async look() {
      const { out, err } = await project.cli('status', '--json')
      const [target] = (JSON.parse(out || '{"targets":[]}') as Status).targets
      if (!target) throw new Error(err)
      return target
    },
    async whenCause(kind) {
      let seen: Awaited<ReturnType<CauseStand['look']>> | undefined
      await until(`the cause is ${kind}`, async () => {
        seen = await stand.look()
        return seen.cause?.kind === kind
      }).catch((error) => {
        throw new Error(`${error.message}; at last: ${JSON.stringify(seen)}`)
      })
      return seen?.cause as Cause
    },
    async whenGreen() {
      let seen: unknown
      await until('the view is green', async () => {
        const found = await stand.look()
        seen = found
        return found.verdict === 'green'
      }).catch((error) => {
        throw new Error(`${error.message}; at last: ${JSON.stringify(seen)}`)
      })
    },
    async close() {
      stand.worker.child.kill('SIGCONT')
      stand.worker.child.kill('SIGTERM')
      await stand.worker.ended
      await project.close()
    },
  }
  return stand
}
