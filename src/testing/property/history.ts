import type { EventRegistry, Outbox } from '../../outbox.ts'

/** One thing that the application can be asked to do, with its arguments. */
export interface Command<Events extends EventRegistry, Tx> {
  /** How it is shown in a counterexample: `closeTicket(2)`. */
  name: string
  /** Runs inside a transaction that others may follow in; if it throws, the transaction rolls back. */
  run(tx: Tx, outbox: Outbox<Events>): unknown
}

/** The part of fast-check's arbitraries that tells their type; no type of fast-check is needed to compile against it. */
export interface ArbitraryOf<T> {
  generate(random: never, bias: number | undefined): { readonly value: T }
}

/** What happens next in a history. */
export type Action<Events extends EventRegistry, Tx> =
  /** In the transaction of the writer that is open, else in a new one; that may commit behind it. */
  | { kind: 'command'; writer: number; command: Command<Events, Tx>; commits: boolean }
  | { kind: 'commit'; writer: number }
  | { kind: 'rollback'; writer: number }
  /** A window is made of what was committed; nothing is applied yet. */
  | { kind: 'tick' }
  /** A window is made, and every target applies one page of at most so many events. */
  | { kind: 'page'; size: number }
  /** The same, but the consumer dies at one of its statements, before or after it is run, and another one begins. */
  | { kind: 'crash'; size: number; statement: number; executed: boolean }
  /** The same, but the consumer is held up between reading and applying, until another one has applied the page. */
  | { kind: 'takeover'; size: number }
  /** All that was committed is applied and compared, whatever is open. */
  | { kind: 'compare' }

export type History<Events extends EventRegistry, Tx> = readonly Action<Events, Tx>[]

/** Numbered lines that say what happened. */
export function shownHistory<Events extends EventRegistry, Tx>(history: History<Events, Tx>): string {
  return history.map((action, place) => `  ${String(place + 1).padStart(2)}. ${shownAction(action)}`).join('\n')
}

function shownAction<Events extends EventRegistry, Tx>(action: Action<Events, Tx>): string {
  switch (action.kind) {
    case 'command':
      return `writer ${action.writer + 1}: ${action.command.name}${action.commits ? '; commit' : ''}`
    case 'commit':
    case 'rollback':
      return `writer ${action.writer + 1}: ${action.kind}`
    case 'tick':
      return 'a window is made'
    case 'page':
      return `a page of up to ${action.size} events is applied`
    case 'crash':
      return `a consumer dies ${action.executed ? 'after' : 'before'} statement ${action.statement + 1} of a page of up to ${action.size} events`
    case 'takeover':
      return `a consumer is overtaken before it applies a page of up to ${action.size} events`
    case 'compare':
      return 'all is applied and compared'
  }
}
