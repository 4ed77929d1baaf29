import type * as FastCheck from 'fast-check'
import type { EventRegistry } from '../../outbox.ts'
import type { Action, ArbitraryOf, Command, History } from './history.ts'
import { largest } from './shorten.ts'

export interface HistoryShape {
  /** How many transactions may be open at once. */
  writers: number
  /** Most actions. */
  length: number
}

/** Random histories. Commands are the most frequent, and most transactions commit. */
export function histories<Events extends EventRegistry, Tx>(
  fc: typeof FastCheck,
  commands: readonly ArbitraryOf<Command<Events, Tx>>[],
  { writers, length }: HistoryShape,
): FastCheck.Arbitrary<History<Events, Tx>> {
  const writer = fc.nat(writers - 1)
  const size = fc.constantFrom(1, 2, 3, 7, largest)
  const statement = fc.oneof(fc.constant(0), fc.nat(7)) // many pages are applied by one statement
  const command = fc.oneof(...(commands as unknown as FastCheck.Arbitrary<Command<Events, Tx>>[]))
  const kind = <Kind extends Action<Events, Tx>['kind']>(name: Kind) => fc.constant(name)
  const weighted: { weight: number; arbitrary: FastCheck.Arbitrary<Action<Events, Tx>> }[] = [
    { weight: 16, arbitrary: fc.record({ kind: kind('command'), writer, command, commits: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ kind: kind('commit'), writer }) },
    { weight: 3, arbitrary: fc.record({ kind: kind('page'), size }) },
    { weight: 3, arbitrary: fc.record({ kind: kind('compare') }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('crash'), size, statement, executed: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('takeover'), size }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('rollback'), writer }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('tick') }) },
  ]
  return fc.array(fc.oneof(...weighted), { minLength: Math.ceil(length / 2), maxLength: length, size: 'max' })
}
