import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { expectAlwaysSameAsDefinition, type TestKit } from '../../src/testing.ts'
import { fewOrMany } from '../support/long.ts'
import { changeImage } from '../support/market/writer.ts'
import { type MarketEvents, plainOrder } from '../support/market.ts'
import { marketCommands } from './market-commands.ts'
import { openMarketKit } from './market-kit.ts'

const runs = Number(process.env.TRIFOLD_HISTORIES ?? fewOrMany(4, 8))
const seed = process.env.TRIFOLD_SEED === undefined ? undefined : Number(process.env.TRIFOLD_SEED)

describe.each([
  { targets: ['memory', 'table'] as const, histories: runs },
  // Each history builds new indexes.
  { targets: ['search'] as const, histories: Math.ceil(runs / 10) },
])('the read models of the market in $targets', ({ targets, histories }) => {
  let kit: TestKit<MarketEvents> | undefined
  beforeAll(async () => {
    const canOpen = inject('openSearchUrl') !== '' || !(targets as readonly string[]).includes('search')
    if (canOpen) kit = await openMarketKit(undefined, targets)
  })
  afterAll(() => kit?.close())

  it('equal their definitions after every history', async (context) => {
    if (!kit) return context.skip('there is no OpenSearch')
    const tally = await expectAlwaysSameAsDefinition(kit, { commands: marketCommands, runs: histories, seed })
    expect(tally).toMatchObject({ histories })
    expect(tally.committed).toBeGreaterThan(histories)
    if (histories >= 10) expect(Math.min(tally.crashes, tally.takeovers)).toBeGreaterThan(0)
  })
})

describe('a property test', () => {
  let kit: TestKit<MarketEvents>
  beforeAll(async () => {
    kit = await openMarketKit({
      plain_order: { ...plainOrder, on: { ...plainOrder.on, OrderAdvanced: () => undefined } } as never,
    })
  })
  afterAll(() => kit?.close())
  const commands = marketCommands
  const failing = (options: { seed: number; path?: string }) =>
    expectAlwaysSameAsDefinition(kit, { commands, runs: 100, ...options }).catch((error: Error) => error.message)

  it('says which history broke it, what differs, and how to have it again', async () => {
    const message = String(await failing({ seed: 7 }))
    expect(message).toContain('plain_order@memory differs from its definition in 1 row')
    expect(message).toMatch(/status +definition [1-4], target 0/)
    expect(message).toMatch(/after this history .*\n\n +1\. writer 1: place order \d/)
    const [, path] = /To have it again: \{ seed: 7, path: '([\d:]+)' \}/.exec(message) ?? []
    expect(path).toBeDefined()
    const again = String(await failing({ seed: 7, path }))
    expect(historyOf(again)).toBe(historyOf(message))
  })

  it('fails where every command is refused', async () => {
    const refuse = () => Promise.reject(new Error('not today'))
    const refusing = fc.constant(kit.command('refuse', refuse))
    const check = expectAlwaysSameAsDefinition(kit, { commands: [refusing], runs: 2 })
    await expect(check).rejects.toMatchObject({
      code: 'TEST_MEANINGLESS',
      message: expect.stringContaining('not today'),
    })
  })

  it('fails at a command that is written wrongly', async () => {
    const wrong = fc.constant(kit.command('select from nowhere', (client) => client.query('select * from nowhere')))
    await expect(expectAlwaysSameAsDefinition(kit, { commands: [wrong], runs: 2 })).rejects.toThrow(
      /relation "nowhere" does not exist[\s\S]*1\. writer 1: select from nowhere/,
    )
  })

  it('fails at a command that does not end, and closes all the same', async () => {
    const own = await openMarketKit()
    const endless = fc.constant(own.command('wait for ever', () => new Promise(() => {})))
    const check = expectAlwaysSameAsDefinition(own, { commands: [endless], runs: 1, patience: 200, shrinkFor: 0 })
    await expect(check).rejects.toMatchObject({ code: 'TEST_STUCK' })
    await own.close()
  })

  it('goes on with another writer while one waits for a lock', async () => {
    const image = fc
      .constantFrom('a', 'b')
      .map((name) => kit.command(`image ${name}`, (client) => changeImage(client, 1, name)))
    const tally = await expectAlwaysSameAsDefinition(kit, { commands: [image], runs: 5, writers: 5 })
    expect(tally.committed).toBeGreaterThan(10)
  })
})

const historyOf = (message: string): string => message.slice(message.indexOf('after this history'))
