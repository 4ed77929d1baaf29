import { setTimeout as rest } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { SharedLook } from '../../src/toolkit/shared-look.ts'
import { until } from '../support/until.ts'

/** Looks that end when the test says so; each tells what the world was like when it began. */
function world() {
  let now = 0
  const open: { end(): void; fail(error: Error): void }[] = []
  const look = () => {
    const seen = now
    return new Promise<number>((resolve, reject) => open.push({ end: () => resolve(seen), fail: reject }))
  }
  return { look: new SharedLook(look), open, changes: () => ++now }
}

describe('a look that is shared', () => {
  it('gives nobody what was seen before they asked, and serves all who wait with one', async () => {
    const { look, open, changes } = world()
    const first = look.read()
    const before = changes()
    const later = [look.read(), look.read(), look.read()]
    expect(open).toHaveLength(1)
    open[0]?.end()
    await until('the second look', () => open.length === 2)
    changes()
    const last = look.read() // the second is under way: it may have seen the world before this change
    open[1]?.end()
    await until('the third look', () => open.length === 3)
    open[2]?.end()
    expect(await first).toBe(0)
    expect(await Promise.all(later)).toEqual([before, before, before])
    expect(await last).toBe(2)
  })

  it('does not wait for one that hangs', async () => {
    const { look, open } = world()
    void look.read()
    const second = look.read()
    await until('another look beside it', () => open.length === 2)
    open[1]?.end()
    expect(await second).toBe(0)
  })

  it('tells a failure to those who shared it, and to nobody else', async () => {
    const { look, open } = world()
    const first = look.read()
    const second = look.read()
    open[0]?.fail(new Error('away'))
    await expect(first).rejects.toThrow('away')
    await until('the second look', () => open.length === 2)
    open[1]?.end()
    expect(await second).toBe(0)
  })

  it('keeps what it promises among many who ask at any time', async () => {
    let now = 0
    let looks = 0
    const look = new SharedLook(async () => {
      const seen = now
      await rest(looks++ % 4)
      return seen
    })
    const asked = Array.from({ length: 300 }, async (_, place) => {
      await rest((place * 37) % 61)
      const before = ++now
      expect(await look.read()).toBeGreaterThanOrEqual(before)
    })
    await Promise.all(asked)
    expect(looks).toBeLessThan(300)
  })
})
