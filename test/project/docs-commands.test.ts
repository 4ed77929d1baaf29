import { expect, it } from 'vitest'
import { commandsBelow, helpOf } from './command-help.ts'
import { blocksOf } from './docs-page.ts'
import { trackedFiles } from './repository.ts'

/** Every command line of the pages, behind `trifold ` or this repository's `dist/cli/main.js `. */
const lines = trackedFiles()
  .filter((path) => /^(README|docs\/[a-z-]+|examples\/shop\/README)\.md$/.test(path))
  .flatMap((page) => blocksOf(page).filter(({ language }) => language === 'sh'))
  .flatMap(({ text }) => [...text.matchAll(/(?:trifold|dist\/cli\/main\.js) ([a-z].*)$/gm)])
  .map(([, line]) => (line as string).replace(/ *[#>;)].*$/, ''))

it('shows only commands that the command line has, with options that they have', async () => {
  const commands = await commandsBelow()
  expect(lines.length).toBeGreaterThan(20)
  for (const line of lines) {
    const command = commands.find((one) => line === one || line.startsWith(`${one} `))
    expect(command, `trifold ${line}`).toBeDefined()
    const help = await helpOf((command as string).split(' '))
    for (const option of line.match(/(?<= )--[a-z-]+/g) ?? []) expect(help, `trifold ${line}`).toContain(option)
  }
})
