import { expect, it } from 'vitest'
import { ChildProgram } from '../../packages/compare/src/child-program.ts'

it('ends in order at any moment, and leaves nobody waiting for an answer', async () => {
  const args = { rate: 1, seconds: 1, configFile: 'nowhere.ts', database: '' }
  const program = new ChildProgram('load/load-process', args, 'the process that writes the load')
  expect(await program.ask()).toEqual({ kind: 'listening' })
  const answer = expect(program.ask()).rejects.toThrow('aborted')
  await program.close()
  await answer
  expect(program.running).toBe(false)
  await expect(program.ask()).rejects.toThrow('aborted')
})

it('says what it printed where it ends by itself', async () => {
  const program = new ChildProgram('load/nothing', {}, 'a program that is not there')
  await expect(program.ask()).rejects.toThrow(
    /^compare: a program that is not there ended by itself \(code 1\): .*nothing/s,
  )
  await program.close()
})
