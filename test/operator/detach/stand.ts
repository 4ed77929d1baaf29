import type { TrifoldConfig } from '../../../src/config.ts'
import { type Application, openTrifold } from '../../../src/trifold.ts'
import { createProject, type Outcome, type Project } from '../../cli/project.ts'
import { createSearch, type TestSearch } from '../../support/search.ts'

/** `note` is the new column of an expand and contract migration, and `old_note` the one that is to go. */
export const firstDefinition = 'select id, name, quantity, coalesce(note, old_note) as note from public.items'
export const secondDefinition = 'select id, name, quantity, note from public.items'

/** PostgreSQL: feature_not_supported (a view uses the column), dependent_objects_still_exist. */
export const refusals = { alterType: '0A000', dropColumn: '2BP01' }

export const alterType = 'alter table public.items alter column quantity type bigint'
export const dropColumn = 'alter table public.items drop column old_note'

/** All that is asked of a target of `item`. */
export interface Target {
  target: string
  state: string
  verdict: string
  reason: string
  storage: string
  detachedSince: string | null
  reflectedAt: string
  generation: { number: number } | null
  consumer: { ordinal: number; held: boolean } | null
  schedule: { isDetached?: boolean } | null
}

/** A project whose read model `item` is in all targets that there are engines for. */
export class DetachStand {
  readonly project: Project
  readonly targets: string[]
  private readonly search: TestSearch | undefined

  private constructor(project: Project, search: TestSearch | undefined) {
    this.project = project
    this.search = search
    this.targets = ['item@table', 'item@view', ...(search ? ['item@search'] : [])]
  }

  static async open({ withSearch }: { withSearch: boolean }): Promise<DetachStand> {
    const project = await createProject()
    await project.database.pool.query(`
      alter table public.items add quantity integer not null default 1, add note text, add old_note text;
      insert into public.items (id, name, old_note) select id, 'item ' || id, 'old' from generate_series(1, 3) as id`)
    await project.write('views/item_v01.sql', firstDefinition)
    const stand = new DetachStand(project, withSearch ? createSearch() : undefined)
    await project.configure(stand.configuration())
    return stand
  }

  /** The configuration as the application has it. */
  async application(): Promise<Application> {
    const { folder } = this.project
    const config = (await import(`${folder}/trifold.config.2.mjs`)).default as TrifoldConfig
    return openTrifold({ ...config, root: folder }) as unknown as Promise<Application>
  }

  query(statement: string): Promise<{ rows: Record<string, unknown>[] }> {
    return this.project.database.pool.query(statement)
  }

  cli(...args: string[]): Promise<Outcome> {
    return this.project.cli(...args)
  }

  /** `trifold status`: the exit code, and the targets by name. */
  async status(): Promise<{ code: number; targets: Record<string, Target> }> {
    const { code, out, err } = await this.cli('status', '--json')
    if (!out.startsWith('{')) throw new Error(err)
    const { targets } = JSON.parse(out) as { targets: Target[] }
    return { code, targets: Object.fromEntries(targets.map((one) => [one.target, one])) }
  }

  async close(): Promise<void> {
    await this.project.close()
    await this.search?.close()
  }

  private configuration(): string {
    const { search } = this
    return `
      const anything = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
      export default {
        database: ${JSON.stringify(this.project.database.url)},
        ${search ? `search: ${JSON.stringify(search.url)}, indexPrefix: ${JSON.stringify(search.prefix)},` : ''}
        events: { ItemAdded: anything },
        readModels: {
          item: {
            key: ['id'],
            indexes: [['name']],
            targets: { table: {}, view: { every: '500ms' }${search ? ', search: {}' : ''} },
            on: { ItemAdded: (event) => ({ kind: 'recompute', keys: [[event.id]] }) },
          },
        },
      }`
  }
}
