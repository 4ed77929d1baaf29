import { expect, it } from 'vitest'
import { Turns } from '../src/turns.ts'

it('lets so many go on, and the others in the order in which they ask', async () => {
  const turns = new Turns(2)
  const order: string[] = []
  const enter = async (name: string) => {
    const end = await turns.take()
    order.push(name)
    return end
  }
  const [first, second] = await Promise.all([enter('a'), enter('b')])
  const third = enter('c')
  const fourth = enter('d')
  expect(order).toEqual(['a', 'b'])
  second?.()
  await third
  first?.()
  first?.() // ends it once
  await fourth
  expect(order).toEqual(['a', 'b', 'c', 'd'])
  const fifth = enter('e')
  await (await third)()
  await fifth
  expect(order).toHaveLength(5)
})
