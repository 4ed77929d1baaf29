/**
 * Pages for operators: the plugin for Fastify.
 *
 * @module @trifold/console
 */

export { type ConsoleOptions, trifoldConsole } from './plugin.ts'
