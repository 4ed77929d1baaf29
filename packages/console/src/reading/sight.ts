import type { Admin, AuditEntry, Status } from 'trifold'
import { readNow, type TargetNow } from './now.ts'

/** How old what is seen may be, in milliseconds: many viewers cost the database no more than one. */
const freshFor = 1_000

/** What the page of all targets shows. */
export interface Now {
  status: Status
  targets: TargetNow[]
  /** The last actions. */
  actions: AuditEntry[]
}

/** What operators look at again and again, looked up once for all of them. */
export class Sight {
  private readonly admin: Admin
  private seen: { at: number; now: Promise<Now> } | undefined

  constructor(admin: Admin) {
    this.admin = admin
  }

  now(): Promise<Now> {
    if (this.seen && performance.now() - this.seen.at < freshFor) return this.seen.now
    const now = this.look()
    this.seen = { at: performance.now(), now }
    now.catch(() => this.forget())
    return now
  }

  /** After an action: the next one who looks sees what came of it. */
  forget(): void {
    this.seen = undefined
  }

  private async look(): Promise<Now> {
    const [status, history, actions] = await Promise.all([
      this.admin.status(),
      this.admin.history([], { since: '24h', limit: 20 }),
      this.admin.audit({ limit: 8 }),
    ])
    return { status, targets: await readNow(status, history), actions }
  }
}
