import { afterAll, describe } from 'vitest'
import { startBroker, type TestBroker } from '../support/kafka.ts'
import { stackSuite } from './stack.ts'

// All tests that need a broker are in this file: it is started once, and some of them kill it.
const started = await startBroker()
const unavailable = typeof started === 'string'
const broker = (): TestBroker => started as TestBroker

afterAll(async () => {
  if (!unavailable) await broker().close()
})

describe.skipIf(unavailable)('the broker of the stack', () => stackSuite(broker))
