import { setTimeout as rest } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { type Relay, startRelay, throughPort } from '../support/relay.ts'
import { WorkerChild } from '../support/worker-child.ts'
import type { ChaosAddress } from './config.ts'

const program = fileURLToPath(new URL('./worker-process.ts', import.meta.url))

/** A small page has every step of the protocol more often. */
const pageSize = 50

/** The engines as one process sees them: each behind a relay. */
export class Way {
  readonly address: ChaosAddress
  readonly relays: Readonly<Record<'database' | 'search' | 'redis', Relay>>

  private constructor(address: ChaosAddress, relays: Way['relays']) {
    this.address = address
    this.relays = relays
  }

  static async open(address: ChaosAddress): Promise<Way> {
    const relayed = async (url: string) => {
      const port = await freePort()
      return { relay: await startRelay(port, url), url: throughPort(url, port) }
    }
    const database = await relayed(address.database)
    const search = await relayed(address.search as string)
    const redis = await relayed(address.redis)
    return new Way(
      { ...address, database: database.url, search: search.url, redis: redis.url },
      { database: database.relay, search: search.relay, redis: redis.relay },
    )
  }

  heal(): void {
    for (const relay of Object.values(this.relays)) relay.heal()
  }

  async close(): Promise<void> {
    for (const relay of Object.values(this.relays)) await relay.close()
  }
}

/** One worker of the run: a process, and after its end the next one. */
export class Hand {
  readonly name: string
  readonly way: Way
  child: WorkerChild
  /** Its processes so far, the one that runs among them. */
  readonly all: WorkerChild[] = []
  private ending = false

  private constructor(name: string, way: Way) {
    this.name = name
    this.way = way
    this.child = this.begin()
  }

  static async start(name: string, address: ChaosAddress): Promise<Hand> {
    return new Hand(name, await Way.open(address))
  }

  /** Whether it ended although nobody ended it. */
  get endedByItself(): boolean {
    return !this.ending && !this.child.running
  }

  /** Ends it, leaves it away for some milliseconds, and starts the next one. */
  async restart(how: 'kill' | 'stop', away: number): Promise<void> {
    this.ending = true
    await this.child[how]()
    await rest(away)
    this.child = this.begin()
    this.ending = false
  }

  async freeze(milliseconds: number): Promise<void> {
    this.child.freeze()
    await rest(milliseconds)
    this.child.resume()
  }

  /** @returns whether it stopped in order within the time that {@link WorkerChild.stop} gives it */
  async stop(): Promise<boolean> {
    this.ending = true
    return this.child.stop().then(
      () => true,
      () => false,
    )
  }

  async close(): Promise<void> {
    this.ending = true
    await this.child.kill()
    await this.way.close()
  }

  private begin(): WorkerChild {
    const child = new WorkerChild({ ...this.way.address, pageSize }, program)
    child.start()
    this.all.push(child)
    return child
  }
}
