import type { Consumer } from './database.ts'
import type { World } from './world.ts'

/** What a consumer's owner holds. */
export interface Held {
  consumer: Consumer
  epoch: number
  /** Of an index: the newest window of which it may show more than its pages up to the cursor. */
  ahead: number
}

/** Takes the lease if it is free, sometimes also from an owner that looks dead. */
export function takeLease(world: World, consumer: Consumer, owner: string): Held | undefined {
  const isFree = consumer.owner === undefined || consumer.owner === owner
  if (!isFree && !world.chance(world.isQuiet ? 0.02 : world.branches ? 0.01 : 0.12)) return undefined
  consumer.owner = owner
  return { consumer, epoch: raiseEpoch(consumer), ahead: 0 }
}

/** The owner of before writes nothing more in PostgreSQL. */
export function raiseEpoch(consumer: Consumer): number {
  consumer.epoch += 1
  consumer.version += 1
  return consumer.epoch
}

export const isOurs = ({ consumer, epoch }: Held): boolean => consumer.epoch === epoch
