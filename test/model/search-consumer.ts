import { isForgotten, nameWindow } from './branch.ts'
import { checkIndex } from './check.ts'
import { appliedOrdinal, type Consumer, currentSnapshot, forgetBuild, reflected, type Window } from './database.ts'
import { definitionAt } from './definition.ts'
import { type Held, isOurs, raiseEpoch, takeLease } from './lease.ts'
import { changesOf, forgetSnapshots, type KeyOperation, modelOf, readPage, rowAfter, unseen } from './page.ts'
import { type Document, type IndexWrite, newIndex, type Place, type SearchIndex } from './search-index.ts'
import { send } from './send.ts'
import { isCovered, laterOf, type Snapshot } from './snapshot.ts'
import type { Actor, World } from './world.ts'
import { keysOf, type Row } from './write-model.ts'

/** The consumer of an index: documents are written outside of the transaction that moves the cursor. */
export function* searchConsumer(world: World, target: string, owner: string): Actor {
  const consumer = world.database.consumers.get(target) as Consumer
  let held: Held | undefined
  for (;;) {
    if (!held) {
      held = takeLease(world, consumer, owner)
      yield
      if (held) possess(world, held)
    } else yield
    if (!held) continue
    if (!isOurs(held)) held = undefined
    else if (!consumer.isBuilt) yield* build(world, held)
    else if (consumer.suspects.size > 0 && world.chance(0.5)) held = (yield* recompute(world, held)) ? held : undefined
    else if (!(yield* applyPage(world, held))) held = undefined
  }
}

/** Takes the state document, and goes back to the start of the window up to which the index is known to be written. */
function possess(world: World, held: Held): void {
  const { consumer, epoch } = held
  const { state } = world.indexes.get(consumer.target) as SearchIndex
  if (!isOurs(held) || !consumer.isBuilt) return
  if (isForgotten(world, held, state)) {
    forgetBuild(consumer)
    return
  }
  state.epoch = epoch
  held.ahead = state.named.window
  if (!isBefore(state, consumer)) return
  consumer.pageWindow = consumer.window = state.window
  consumer.place = 0
  consumer.version += 1
  state.place = 0
}

const isBefore = (one: Place, other: Place): boolean =>
  one.window < other.window || (one.window === other.window && one.place < other.place)

/** Fills a new index by key ranges, each at its own snapshot, and lets it serve. */
function* build(world: World, held: Held): Actor {
  const { consumer } = held
  const { database, rules, indexes } = world
  const last = database.windows.at(-1) as Window
  const start = { window: last.id + 1, place: 0 }
  const index = rules.freshIndex ? newIndex(start) : (indexes.get(consumer.target) as SearchIndex)
  consumer.buildsFrom = start.window
  yield
  const ranges = new Map<string, Snapshot>()
  const writes: IndexWrite[] = []
  for (const key of keysOf(modelOf(consumer))) {
    if (world.chance(0.5)) yield
    const snapshot = currentSnapshot(database)
    ranges.set(key, snapshot)
    const row = definitionAt(database, modelOf(consumer), key, snapshot)
    const document = { ordinal: last.first + last.count - 1, row, snapshot: undefined }
    if (row) writes.push(writeOf(world, held, index, key, document))
  }
  if (!(yield* send(world, writes)) || !isOurs(held)) return
  Object.assign(index.state, { ...start, epoch: held.epoch })
  nameWindow(world, held, index, undefined)
  index.state.generation = consumer.generation = world.nextNonce()
  indexes.set(consumer.target, index)
  consumer.rangeSnapshots = rules.rangeSnapshots ? ranges : new Map()
  consumer.isBuilt = true
  consumer.pageWindow = consumer.window = last.id + 1
  consumer.buildsFrom = undefined
  consumer.place = 0
  consumer.version += 1
}

function writeOf(
  { rules }: World,
  { epoch }: Held,
  index: SearchIndex,
  key: string,
  { ordinal, row, snapshot }: Omit<Document, 'version'>,
): IndexWrite {
  const own = rules.epochInVersion ? epoch : 0
  const version = rules.epochFirst ? ([own, ordinal] as const) : ([ordinal, own] as const)
  return { index, key, document: { version, ordinal, row, snapshot }, notBefore: 0, isAnswered: false }
}

/** Reads a suspect key again, between two pages. @returns false if the lease is lost */
function* recompute(world: World, held: Held): Generator<undefined, boolean, undefined> {
  const { consumer } = held
  const { database, rules, indexes } = world
  if (rules.repairTakesEpoch) held.epoch = raiseEpoch(consumer)
  const { version } = consumer
  const key = world.pick([...consumer.suspects])
  const snapshot = currentSnapshot(database)
  const row = definitionAt(database, modelOf(consumer), key, snapshot)
  const document = {
    ordinal: appliedOrdinal(database, consumer),
    row,
    snapshot: rules.keySnapshots ? snapshot : undefined,
  }
  if (!rules.clearsAfterWrite) consumer.suspects.delete(key)
  const index = indexes.get(consumer.target) as SearchIndex
  nameWindow(world, held, index, undefined)
  const isWritten = yield* send(world, [writeOf(world, held, index, key, document)])
  if (!isWritten || !isOurs(held) || consumer.version !== version) return false
  consumer.suspects.delete(key)
  consumer.version += 1
  yield
  return true
}

/** @returns false if the lease is lost */
function* applyPage(world: World, held: Held): Generator<undefined, boolean, undefined> {
  const { consumer } = held
  const { database, indexes } = world
  const { version } = consumer
  const index = indexes.get(consumer.target) as SearchIndex
  const page = readPage(world, consumer)
  const reader = new KnownDocuments(world, held, index)
  yield
  if (!page) return world.isQuiet || !world.chance(world.branches ? 0.005 : 0.1) // in the end nobody would be done at once
  if (index.state.epoch > held.epoch) return false // as a conflict of the state document says
  Object.assign(index.state, { epoch: held.epoch, window: consumer.window, place: consumer.place })
  const passed = reflected(database, consumer)
  reader.read()
  yield
  const now = currentSnapshot(database)
  const { byKey, suspects } = changesOf(world, consumer, page, now, (key) => reader.documents.get(key)?.row?.product)
  const writes = [...byKey].flatMap(([key, operations]) => reader.write(key, operations, now) ?? [])
  nameWindow(world, held, index, page)
  if (writes.some(({ document }) => document.snapshot === now)) nameWindow(world, held, index, undefined)
  yield
  if (!(yield* send(world, writes))) return false
  if (!isOurs(held) || consumer.version !== version) return false
  for (const key of suspects) consumer.suspects.add(key)
  consumer.pageWindow = consumer.window
  consumer.window = page.window
  consumer.place = page.place
  consumer.version += 1
  index.shown.note(index.documents, appliedOrdinal(database, consumer), reflected(database, consumer))
  forgetSnapshots(world, consumer, world.rules.rangesBehindState ? passed : reflected(database, consumer))
  if (indexes.get(consumer.target) === index) checkIndex(world, consumer, appliedOrdinal(database, consumer))
  yield
  return true
}

/** The documents of an index as they were read for a page, and what the page makes of them. */
class KnownDocuments {
  documents: ReadonlyMap<string, Document> = new Map()
  private readonly world: World
  private readonly held: Held
  private readonly index: SearchIndex
  private readonly ranges: ReadonlyMap<string, Snapshot>
  private readonly here: Snapshot

  constructor(world: World, held: Held, index: SearchIndex) {
    this.world = world
    this.held = held
    this.index = index
    this.ranges = new Map(held.consumer.rangeSnapshots)
    this.here = reflected(world.database, held.consumer)
  }

  read(): void {
    this.documents = new Map(this.index.documents)
  }

  /** Undefined if there is nothing to write. */
  write(key: string, operations: readonly KeyOperation[], now: Snapshot): IndexWrite | undefined {
    const { rules } = this.world
    const { consumer, ahead } = this.held
    const ordinal = operations.at(-1)?.ordinal as number
    const range = this.ranges.get(key)
    const first = unseen(operations, range)[0]
    const isAhead = rules.keepsWhatWasShown && consumer.window <= ahead && first?.kind !== 'recompute'
    const needsRow = isAhead || first === undefined || first.kind === 'patch' || first.kind === 'fold'
    const known = needsRow ? this.documents.get(key) : undefined
    const fresh = operations.filter((one) => !rules.readsOrdinal || !known || one.ordinal > known.ordinal)
    const left = unseen(fresh, laterOf(known?.snapshot, range))
    if (left.length > 0) return this.written(key, ordinal, rowAfter(known?.row ?? null, left), now, known?.snapshot)
    if (!known || !rules.writesWhatItRead) return undefined
    return this.to(key, { ...known, ordinal: Math.max(ordinal, known.ordinal) })
  }

  private written(
    key: string,
    ordinal: number,
    row: Row | null | 'recompute',
    now: Snapshot,
    before: Snapshot | undefined,
  ): IndexWrite | undefined {
    const { database, rules } = this.world
    if (row === 'recompute') {
      const recomputed = definitionAt(database, modelOf(this.held.consumer), key, now)
      return this.to(key, { ordinal, row: recomputed, snapshot: rules.keySnapshots ? now : undefined })
    }
    const isAhead = before !== undefined && !isCovered(before, this.here)
    if (row || rules.tombstones) return this.to(key, { ordinal, row, snapshot: isAhead ? before : undefined })
    this.index.documents.delete(key)
    return undefined
  }

  private to(key: string, document: Omit<Document, 'version'>): IndexWrite {
    return writeOf(this.world, this.held, this.index, key, document)
  }
}
