import type { TrifoldConfig } from '../../src/config.ts'
import { failingModels } from '../support/market/failing.ts'
import { type MarketAddress, type MarketEvents, marketConfig, marketModels } from '../support/market.ts'
import type { Mutant } from './mutants.ts'

/** What a process of the run needs to know. */
export interface ChaosAddress extends MarketAddress {
  redis: string
  /** Whether the handlers refuse some events, which are parked then. */
  failing: boolean
  /** The wrong design that the process has. */
  mutant?: Mutant | undefined
}

/** The market with all three materializers. Its outbox is closed, and dropped, within the run. */
export function chaosConfig({
  redis,
  failing,
  mutant: _mutant,
  ...address
}: ChaosAddress): TrifoldConfig<MarketEvents> {
  const models = Object.entries(failing ? failingModels : marketModels).map(([name, model]) => [
    name,
    { ...model, targets: { ...model.targets, view: { every: '3s' as const } } },
  ])
  const config = marketConfig(address, Object.fromEntries(models))
  return { ...config, redis, outbox: { retain: '10s', partition: '1MB', cap: '1GB' } }
}
