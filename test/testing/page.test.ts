import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksOf } from '../project/docs-page.ts'
import { DocsProject } from '../project/docs-project.ts'
import { writeReadmeFiles } from '../project/readme-blocks.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

const blocks = blocksOf('docs/testing.md')

describe('the page on testing', () => {
  let database: TestDatabase
  let project: DocsProject

  beforeAll(async () => {
    database = await createDatabase({ migrated: false })
    project = await DocsProject.create({ DATABASE_URL: database.url })
    await writeReadmeFiles(project.folder)
    for (const { file, text } of blocks) if (file) await project.write(file, withFewRuns(text))
  })
  afterAll(async () => {
    await project?.remove()
    await database?.close()
  })

  const run = (file: string) => project.output(`npx tsx ${file} || true`)

  it('compiles', async () => {
    expect(await project.compile()).toBe('')
  })

  it.each(['ticket-board.test.ts', 'orm.test.ts', 'always.test.ts'])(
    'has a test that passes with node:test: %s',
    async (file) => {
      expect(await run(file)).toMatch(/pass 1\n[\s\S]*fail 0\n/)
    },
  )

  it('shows what the test says where a command forgets its event', async () => {
    const commands = blocks.find(({ file }) => file === 'commands.ts')?.text ?? ''
    const append = /\n {2}await outbox\.append\(client, \{ type: 'MessageWritten'.*\n/
    await project.write('commands.ts', commands.replace(append, '\n'))
    const printed = comparable(await run('ticket-board.test.ts'))
    const shown = blocks.find(({ language }) => language === 'text')?.text ?? ''
    for (const line of comparable(shown).split('\n')) expect(printed).toContain(line)
  })
})

/** Ten histories in place of the default. */
const withFewRuns = (text: string): string =>
  text.replace('{ commands: [opening, writing] }', '{ commands: [opening, writing], runs: 10 }')

/** Without what differs from run to run. */
const comparable = (text: string): string =>
  text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time').replaceAll(/\d+ TicketOpened/g, 'n TicketOpened')
