import type { Admin, AuditEntry, OutboxFacts, ParkedEvent, Status } from 'trifold'
import { readNow, type TargetNow } from './now.ts'
import { Recent } from './recent.ts'

/** What the page of all targets shows. */
export interface Now {
  status: Status
  targets: TargetNow[]
  /** The last actions. */
  actions: AuditEntry[]
}

/** What the page of the feed shows. */
export interface Feed {
  status: Status
  parked: ParkedEvent[]
  outbox: OutboxFacts
}

/** What operators look at again and again. */
export class Sight {
  private readonly status: Recent<Status>
  private readonly all: Recent<Now>
  private readonly fed: Recent<Feed>

  constructor(admin: Admin) {
    this.status = new Recent(() => admin.status())
    this.all = new Recent(() => this.lookAtAll(admin))
    this.fed = new Recent(() => this.lookAtFeed(admin))
  }

  now(): Promise<Now> {
    return this.all.read()
  }

  feed(): Promise<Feed> {
    return this.fed.read()
  }

  /** After an action: the next one who looks sees what came of it. */
  forget(): void {
    for (const one of [this.status, this.all, this.fed]) one.forget()
  }

  private async lookAtAll(admin: Admin): Promise<Now> {
    const [status, history, actions] = await Promise.all([
      this.status.read(),
      admin.history([], { since: '24h', limit: 20 }),
      admin.audit({ limit: 8 }),
    ])
    return { status, targets: await readNow(status, history), actions }
  }

  private async lookAtFeed(admin: Admin): Promise<Feed> {
    const [status, parked, outbox] = await Promise.all([this.status.read(), admin.parked(), admin.outbox()])
    return { status, parked, outbox }
  }
}
