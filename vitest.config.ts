import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const inRepository = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^trifold$/, replacement: inRepository('src/index.ts') },
      { find: /^trifold\/testing$/, replacement: inRepository('src/testing.ts') },
      { find: /^trifold\/internal\/(.*)$/, replacement: inRepository('src/$1.ts') },
      { find: /^@trifold\/(\w+)$/, replacement: inRepository('packages/$1/src/index.ts') },
      { find: /^@trifold\/(\w+)\/(\w+)$/, replacement: inRepository('packages/$1/src/$2.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global.ts'],
    reporters: ['default', './test/support/reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
