import { expect } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import type { Reader, Summarize } from '../../src/query.ts'
import { ThingTargets } from './thing-targets.ts'

/** Things with some numbers in a table, a view and an index, and whether each gives the same groups of them. */
export class NumberGroups {
  readonly readers: readonly [name: string, Reader][]
  private readonly targets: ThingTargets

  private constructor(targets: ThingTargets) {
    this.targets = targets
    this.readers = [
      ['table', targets.table],
      ['view', targets.view],
      ['search', targets.index],
    ]
  }

  /** @param given what the things have in the place of the usual values */
  static async open(given: readonly Row[]): Promise<NumberGroups> {
    const usual = { region: 'north', status: 'new', changed_at: '2024-01-01T00:00:00.000000Z' }
    return new NumberGroups(await ThingTargets.open(given.map((row, id) => ({ ...usual, id, ...row }))))
  }

  /** @param expected each group and its count, in the order of the groups unless the request says another */
  async eachGives(request: Summarize, expected: [unknown, number][]): Promise<void> {
    for (const [name, reader] of this.readers) {
      const { groups, approximate } = await reader.summarize({ sort: 'group', ...request })
      expect(
        groups.map(({ group, count }) => [group, count]),
        name,
      ).toEqual(expected)
      expect(approximate, name).toBe(false)
    }
  }

  close(): Promise<void> {
    return this.targets.close()
  }
}
