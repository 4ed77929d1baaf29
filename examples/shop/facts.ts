import { AsyncLocalStorage } from 'node:async_hooks'
import type { z } from 'zod'
import type { ShopEvents } from './events.ts'

/** An event as an entity knows it: without its own id, which a new entity gets only when it is written. */
export type Fact = {
  [Type in keyof ShopEvents]: {
    type: Type
    values: Omit<z.infer<ShopEvents[Type]>, 'orderId' | 'productId' | 'customerId'> &
      (Type extends 'OrderPlaced' ? { customerId: number } : unknown)
  }
}[keyof ShopEvents]

interface RecordedFact {
  fact: Fact
  /** Its place among all facts of this process, so that a unit of work tells them in the order in which they happened. */
  place: number
}

// Beside the entities and not in them: what happened is not a part of their state, and the ORM never maps it.
const recorded = new WeakMap<object, RecordedFact[]>()
let lastPlace = 0

// A removed entity is forgotten by the ORM at the next flush, so the unit of work keeps a list of its own.
const unit = new AsyncLocalStorage<Set<object>>()

/** Runs `work`; every entity that records a fact in it is put into `changed`. */
export function collectChanged<Result>(changed: Set<object>, work: () => Promise<Result>): Promise<Result> {
  return unit.run(changed, work)
}

/** Notes what has just happened to `entity`; nothing is sent until its unit of work commits. */
export function record(entity: object, fact: Fact): void {
  lastPlace += 1
  recorded.set(entity, [...(recorded.get(entity) ?? []), { fact, place: lastPlace }])
  unit.getStore()?.add(entity)
}

/** Takes the facts of the given entities, in the order in which they happened. A second call finds none. */
export function takeFacts(entities: Iterable<object>): { entity: object; fact: Fact }[] {
  const taken: { entity: object; fact: Fact; place: number }[] = []
  for (const entity of entities) {
    for (const one of recorded.get(entity) ?? []) taken.push({ entity, ...one })
    recorded.delete(entity)
  }
  return taken.sort((a, b) => a.place - b.place).map(({ entity, fact }) => ({ entity, fact }))
}
