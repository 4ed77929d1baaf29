import { fileURLToPath } from 'node:url'

/**
 * Runs a program of TypeScript sources: `node <jiti> <program> <arguments>`. Node's hooks for modules (`--import
 * jiti/register`) are no way to do that: Node 20 now and then fails with an assertion when a package is required under them.
 */
export const jiti = fileURLToPath(new URL('../../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url))
