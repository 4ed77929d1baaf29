import { expect, it } from 'vitest'
import { withoutDeadlocks } from '../../src/testing/property/lock-waits.ts'

const wait = (pid: string, ...blockers: string[]) => ({ pid, blockers })

it.each([
  ['nobody', [], []],
  ['one who waits for somebody who works', [wait('1', '9')], ['1']],
  ['a queue', [wait('3', '2', '1'), wait('2', '1'), wait('1', '9')], ['1', '2', '3']],
  ['two who wait for each other', [wait('1', '2'), wait('2', '1'), wait('3', '9')], ['3']],
  ['one behind two who wait for each other', [wait('1', '2'), wait('2', '1'), wait('3', '1', '9')], []],
])('of %s, those last whose locks will be given back', (_, waits, lasting) => {
  expect(
    withoutDeadlocks(waits)
      .map(({ pid }) => pid)
      .sort(),
  ).toEqual(lasting)
})
