import { createOutbox } from 'trifold'
import { shopEvents } from './events.ts'

/** The write side of Trifold for the events of the shop. */
export const outbox = createOutbox(shopEvents)
