import { expect, it } from 'vitest'
import { commandsBelow, helpOf } from './command-help.ts'
import { textOf } from './repository.ts'

const readme = textOf('README.md')

it('lists exactly the commands that the command line has', async () => {
  const listed = [...readme.matchAll(/^\| `trifold ([^`]+)` \|/gm)].map(([, usage]) => wordsOf(usage as string))
  expect(listed.sort()).toEqual((await commandsBelow()).sort())
})

it('names only options that the command has', async () => {
  for (const [, usage, text] of readme.matchAll(/^\| `trifold ([^`]+)` \|(.*)\|$/gm)) {
    const command = wordsOf(usage as string)
    const help = await helpOf(command.split(' '))
    for (const option of (text as string).match(/--[a-z-]+/g) ?? [])
      expect(help, `${command} ${option}`).toContain(option)
  }
})

it('has the table of every key that a configuration may have', () => {
  const rows = readme.slice(readme.indexOf('## Configuration'), readme.indexOf('## Queries'))
  const keys = [...rows.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key]) =>
    (key as string).replace('readModels.<name>', ''),
  )
  const source = textOf('src/config/faults.ts')
  const readModel = source.slice(source.indexOf('const readModelSchema'), source.indexOf('const readModelName'))
  const config = source.slice(source.indexOf('const configSchema'), source.indexOf('/** What is wrong'))
  const keysIn = (schema: string, indent: number) =>
    [...schema.matchAll(new RegExp(`^ {${indent}}(\\w+):`, 'gm'))].map((match) => match[1] as string)
  const expected = [
    ...keysIn(config, 4).filter((key) => key !== 'readModels'),
    ...keysIn(readModel, 4)
      .filter((key) => key !== 'targets')
      .map((key) => `.${key}`),
    ...keysIn(readModel, 6)
      .filter((key) => /table|view|search/.test(key))
      .map((key) => `.targets.${key}`),
  ]
  expect(keys.sort()).toEqual(expected.sort())
})

it('stays short enough to be read', () => {
  expect(readme.split('\n').length).toBeLessThan(400)
})

/** `rebuild [targets...]` is the command `rebuild`. */
const wordsOf = (usage: string): string => usage.replaceAll(/\s*[<[].*$/g, '')
