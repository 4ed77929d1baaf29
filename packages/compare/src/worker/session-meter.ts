import type { Socket } from 'node:net'
import pg from 'pg'
import { openClient } from 'trifold/internal/database'
import { withinTime } from 'trifold/internal/operator/within-time'
import { backendCpu } from './backend-cpu.ts'

/** What the sessions of this process have cost PostgreSQL; undefined if it cannot be told. */
export interface SessionUsage {
  /** Milliseconds of CPU of their backends. */
  cpu: number | undefined
  /** Bytes of WAL. */
  wal: number | undefined
  /** Bytes that the backends wrote themselves, data and WAL; the checkpointer writes more later. */
  written: number | undefined
}

/** What the driver knows of a session and its types do not tell. */
type Session = pg.Client & { processID?: number; readyForQuery?: boolean }

const portOf = (session: Session): number | undefined =>
  (session as unknown as { connection?: { stream?: Socket } }).connection?.stream?.localPort

/** The driver's two doors, with or without a callback. */
interface Driver {
  connect(this: Session, ...callback: unknown[]): unknown
  end(this: Session, ...callback: unknown[]): unknown
}

/** Sessions report what they did once a second at most; this asks them to do it at once. */
const flush = 'select pg_stat_force_next_flush()'

/** PostgreSQL 18 and later know WAL and writes of each backend. */
const knowsBackends = 180000

const usageStatement = `
  select
    (select wal_bytes from pg_stat_get_backend_wal($1::integer))::text as wal,
    (
      select sum(coalesce(write_bytes, 0) + coalesce(extend_bytes, 0))
      from pg_stat_get_backend_io($1::integer)
    )::text as written`

const patience = 2_000

/**
 * Adds up what all sessions cost that this process opens after {@link install}, also those that have ended: each is read
 * once more before it ends. A process that does nothing but run one target has the cost of that target.
 */
export class SessionMeter {
  private readonly own: pg.Client
  private readonly server: number
  private readonly open = new Set<Session>()
  /** Sessions that are read for the last time. */
  private readonly ending = new Set<Promise<void>>()
  private readonly ended: SessionUsage = { cpu: 0, wal: 0, written: 0 }

  private constructor(own: pg.Client, server: number) {
    this.own = own
    this.server = server
  }

  /** Watches the driver of this process from now on. */
  static async install(databaseUrl: string): Promise<SessionMeter> {
    const own = await openClient(databaseUrl, { name: 'compare meter' })
    const { rows } = await own.query(`select current_setting('server_version_num') as version`)
    const meter = new SessionMeter(own, Number(rows[0].version))
    meter.watchDriver()
    return meter
  }

  /** Everything up to now. */
  async total(): Promise<SessionUsage> {
    await Promise.all(this.ending)
    const ended = { ...this.ended }
    const live = await Promise.all([...this.open].map((session) => this.usageOf(session)))
    return live.reduce(sum, ended)
  }

  close(): Promise<void> {
    return this.own.end()
  }

  private watchDriver(): void {
    const driver = pg.Client.prototype as unknown as Driver
    const { connect, end } = driver
    const meter = this
    driver.connect = function (...callback) {
      meter.open.add(this)
      return connect.apply(this, callback)
    }
    driver.end = function (...callback) {
      const measured = meter.end(this)
      return measured.then(() => end.apply(this, callback))
    }
  }

  /** Reads a session for the last time. */
  private end(session: Session): Promise<void> {
    if (!this.open.delete(session)) return Promise.resolve()
    const measured = this.usageOf(session)
      .then((usage) => void Object.assign(this.ended, sum(this.ended, usage)))
      .catch(() => {}) // it has broken: what it did since it was read before is lost
      .finally(() => this.ending.delete(measured))
    this.ending.add(measured)
    return measured
  }

  private async usageOf(session: Session): Promise<SessionUsage> {
    const { processID } = session
    if (!processID) return { cpu: 0, wal: 0, written: 0 } // it never connected
    if (this.server >= knowsBackends && session.readyForQuery) {
      await withinTime(session.query(flush), patience, 'a session').catch(() => {}) // it has broken: its last report counts
    }
    return { cpu: await backendCpu(processID, portOf(session)), ...(await this.reported(processID)) }
  }

  private async reported(pid: number): Promise<Omit<SessionUsage, 'cpu'>> {
    if (this.server < knowsBackends) return { wal: undefined, written: undefined }
    const { rows } = await this.own.query({ name: 'trifold_compare_backend', text: usageStatement, values: [pid] })
    return { wal: Number(rows[0].wal ?? 0), written: Number(rows[0].written ?? 0) }
  }
}

const sum = (one: SessionUsage, other: SessionUsage): SessionUsage => ({
  cpu: add(one.cpu, other.cpu),
  wal: add(one.wal, other.wal),
  written: add(one.written, other.written),
})

const add = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? undefined : one + other
