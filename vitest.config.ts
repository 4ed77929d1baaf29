import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import { isLong } from './test/support/long.ts'
import { SlowestFirst } from './test/support/sequencer.ts'

const inRepository = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The test files that have a long form, by their names or because they import `test/support/long.ts`. */
const longFiles = (): string[] =>
  readdirSync(inRepository('test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `test/${file}`)
    .filter(
      (file) => file.endsWith('.long.test.ts') || /support\/long\.ts'$/m.test(readFileSync(inRepository(file), 'utf8')),
    )

export default defineConfig({
  resolve: {
    alias: [
      { find: /^trifold$/, replacement: inRepository('src/index.ts') },
      { find: /^trifold\/(inbox|outbox|testing)$/, replacement: inRepository('src/$1.ts') },
      { find: /^trifold\/internal\/(.*)$/, replacement: inRepository('src/$1.ts') },
      { find: /^@trifold\/(\w+)$/, replacement: inRepository('packages/$1/src/index.ts') },
      { find: /^@trifold\/(\w+)\/(\w+)$/, replacement: inRepository('packages/$1/src/$2.ts') },
    ],
  },
  test: {
    include: isLong ? longFiles() : ['test/**/*.test.ts'],
    exclude: isLong ? configDefaults.exclude : [...configDefaults.exclude, 'test/**/*.long.test.ts'],
    globalSetup: ['test/support/global.ts'],
    reporters: ['default', './test/support/reporter.ts'],
    pool: 'forks',
    sequence: { sequencer: SlowestFirst },
    maxWorkers: 3, // some of them mostly wait
    testTimeout: 300_000, // a limit ends what hangs; it says nothing of speed
    expect: { poll: { timeout: 140_000 } }, // as `until`; the default of a second is less than a pause of a busy machine
    hookTimeout: 300_000,
  },
})
