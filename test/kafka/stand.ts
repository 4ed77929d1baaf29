import { expect } from 'vitest'
import { type Relay, type RelayOptions, runRelay } from '../../packages/kafka/src/relay.ts'
import { resolveConfig } from '../../src/config.ts'
import { openPool } from '../../src/database.ts'
import type { Observation } from '../../src/observe.ts'
import { type RelayStatus, status } from '../../src/operator/status.ts'
import { relayTarget } from '../../src/target.ts'
import { openToolkit } from '../../src/toolkit.ts'
import { createAggregates, Writer } from '../feed/writer.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'
import { faultsOf } from './judge.ts'
import { createTopic, readTopic } from './topic.ts'

/** A database with writers, and a topic for what they write. */
export class Stand {
  readonly database: TestDatabase
  readonly topic: string
  readonly brokers: string
  readonly observed: Observation[] = []
  private readonly pool: ReturnType<typeof openPool>
  private readonly relays: Relay[] = []
  private readonly writers: Writer[] = []

  private constructor(database: TestDatabase, brokers: string, topic: string) {
    this.database = database
    this.brokers = brokers
    this.topic = topic
    this.pool = openPool(database.url, { name: 'test', max: 3 })
  }

  static async open(brokers: string, partitions: number, settings?: Record<string, string>): Promise<Stand> {
    const database = await createDatabase()
    await createAggregates(database.pool)
    return new Stand(database, brokers, await createTopic(brokers, partitions, settings))
  }

  /** Starts a relay in this process. */
  relay(options: Partial<RelayOptions> = {}, load?: Parameters<typeof runRelay>[3]): Relay {
    const observe = (observation: Observation) => void this.observed.push(observation)
    const given = { topic: this.topic, brokers: [this.brokers], observe, ...options }
    const relay = runRelay(this.database.url, this.pool, given, load)
    this.relays.push(relay)
    return relay
  }

  /** Starts a relay, and waits until it has the lease. */
  async running(options?: Partial<RelayOptions>, load?: Parameters<typeof runRelay>[3]): Promise<Relay> {
    const before = this.observed.length
    const relay = this.relay(options, load)
    const leased = until('the relay has the lease', () =>
      this.observed.slice(before).some(({ kind }) => kind === 'target.leased'),
    )
    await Promise.race([leased, relay.ended])
    return relay
  }

  async writer(): Promise<Writer> {
    const writer = await Writer.open(this.database.url)
    this.writers.push(writer)
    return writer
  }

  /** Commits `count` events of some aggregates, by several writers at once. */
  async write(count: number, aggregates = 7): Promise<void> {
    const writers = await Promise.all([1, 2, 3].map(() => this.writer()))
    const write = async (writer: Writer, first: number) => {
      for (let number = first; number < count; number += writers.length) await writer.commit(`a${number % aggregates}`)
    }
    await Promise.all(writers.map(write))
    await Promise.all(writers.map((writer) => writer.close()))
    for (const writer of writers) this.writers.splice(this.writers.indexOf(writer), 1)
  }

  /** Waits until the position of the relay is behind every event of the outbox. */
  async published(): Promise<void> {
    await until('everything is published', async () => {
      const { rows } = await this.database.pool.query(
        `select ordinal::integer, (select count(*)::integer from trifold.outbox) as events
        from trifold.consumers
        join trifold.generations on generations.id = generation_id
        where target = $1`,
        [relayTarget(this.topic)],
      )
      return rows[0] !== undefined && rows[0].ordinal >= rows[0].events
    })
  }

  /** What `trifold status` says of the relay. */
  async status(): Promise<RelayStatus | undefined> {
    const config = { database: this.database.url, views: '/nowhere', readModels: {} }
    const toolkit = await openToolkit(resolveConfig(config))
    const { relays, unconfigured } = await status(toolkit).finally(() => toolkit.close())
    expect(unconfigured).toEqual([])
    return relays[0]
  }

  records() {
    return readTopic(this.brokers, this.topic)
  }

  /** What is wrong with the topic, once everything is published. */
  async faults(): Promise<string[]> {
    await this.published()
    return faultsOf(this.database.pool, await this.records())
  }

  async close(): Promise<void> {
    await Promise.all(this.relays.map((relay) => relay.stop()))
    await Promise.all(this.writers.map((writer) => writer.close()))
    await this.pool.end()
    await this.database.close()
  }
}
