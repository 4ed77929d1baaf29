import { afterAll, describe, vi } from 'vitest'
import { startBroker, type TestBroker } from '../support/kafka.ts'
import { failureSuite } from './failures.ts'
import { mutantSuite } from './mutants.ts'
import { refusalSuite } from './refusals.ts'
import { relaySuite } from './relay.ts'
import { stackSuite } from './stack.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_LEASE_MS = '1500'
})

// All tests that need a broker are in this file: it is started once, and some of them kill it.
const started = await startBroker()
const unavailable = typeof started === 'string'
const broker = (): TestBroker => started as TestBroker

afterAll(async () => {
  if (!unavailable) await broker().close()
})

describe.skipIf(unavailable)('the broker of the stack', () => stackSuite(broker))
describe.skipIf(unavailable)('a relay', () => relaySuite(broker))
describe.skipIf(unavailable)('a relay that fails', () => failureSuite(broker))
describe.skipIf(unavailable)('a relay refuses', () => refusalSuite(broker))
describe.skipIf(unavailable)('a wrong relay', () => mutantSuite(broker))
