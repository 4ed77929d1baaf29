import type pg from 'pg'
import type { Delivered, Design, FeedProcess } from './design.ts'

/** One reader of the log with its place, and all that it was given. */
export class Reader {
  readonly name: string
  readonly delivered: Delivered[] = []
  private place: unknown

  constructor(name: string, design: Design) {
    this.name = name
    this.place = design.start
  }

  /** Reads the next page and applies it; false where there was none. `forget`: it dies before it has applied the page. */
  async next(process: FeedProcess, limit: number, forget = false): Promise<boolean> {
    const page = await process.read(this.place, limit)
    if (!page) return false
    if (!forget) {
      this.delivered.push(...page.events)
      this.place = page.place
    }
    return true
  }

  async toEnd(process: FeedProcess, limit = 1_000): Promise<void> {
    while (await this.next(process, limit));
  }
}

export interface Committed {
  position: number
  aggregate: string
  count: number
}

/** What is in the log, by the database's own account. */
export async function committedEvents(client: pg.Pool): Promise<Committed[]> {
  const { rows } = await client.query(`
    select position, aggregate, payload ->> 'count' as count
    from trifold.outbox
    order by position`)
  return rows.map((row) => ({ position: Number(row.position), aggregate: row.aggregate, count: Number(row.count) }))
}

/** How what the readers were given differs from what it must be; empty where all is right. */
export function violations(readers: Reader[], committed: Committed[]): string[] {
  const found = readers.flatMap((reader) => [
    ...wrongSet(reader, committed),
    ...wrongNumbers(reader),
    ...wrongOrder(reader),
  ])
  return [...found, ...disagreements(readers)]
}

function wrongSet(reader: Reader, committed: Committed[]): string[] {
  const times = new Map(committed.map(({ position }) => [position, 0]))
  const unknown = reader.delivered.filter(({ position }) => !times.has(position))
  for (const { position } of reader.delivered) times.set(position, (times.get(position) ?? 0) + 1)
  const lost = [...times].filter(([, count]) => count === 0)
  const twice = [...times].filter(([, count]) => count > 1)
  return [
    ...lost.map(([position]) => `${reader.name}: event at position ${position} was lost`),
    ...twice.map(([position]) => `${reader.name}: event at position ${position} came more than once`),
    ...unknown.map(({ position }) => `${reader.name}: event at position ${position} was never committed`),
  ]
}

function wrongNumbers(reader: Reader): string[] {
  const place = reader.delivered.findIndex(({ ordinal }, index) => ordinal !== index + 1)
  if (place < 0) return []
  return [`${reader.name}: event ${place + 1} in order of delivery has ordinal ${reader.delivered[place]?.ordinal}`]
}

function wrongOrder(reader: Reader): string[] {
  const counts = new Map<string, number>()
  const found: string[] = []
  for (const { payload, position } of reader.delivered) {
    const { aggregate, count } = JSON.parse(payload) as { aggregate: string; count: number }
    const expected = (counts.get(aggregate) ?? 0) + 1
    if (count !== expected) {
      found.push(`${reader.name}: event ${count} of ${aggregate} (position ${position}) came as its ${expected}.`)
    }
    counts.set(aggregate, expected)
  }
  return found
}

function disagreements(readers: Reader[]): string[] {
  const positions = new Map<number, number>()
  const found: string[] = []
  for (const reader of readers) {
    for (const { ordinal, position } of reader.delivered) {
      const other = positions.get(ordinal) ?? position
      if (other !== position) {
        found.push(`${reader.name}: ordinal ${ordinal} is position ${position}, for another reader it is ${other}`)
      }
      positions.set(ordinal, other)
    }
  }
  return found
}
