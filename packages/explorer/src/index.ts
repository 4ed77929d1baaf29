/**
 * Pages for read models: the plugin for Fastify.
 *
 * @module @trifold/explorer
 */

export { type ExplorerOptions, trifoldExplorer } from './plugin.ts'
