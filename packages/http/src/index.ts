/**
 * Read models over HTTP: the plugin for Fastify.
 *
 * @module @trifold/http
 */

export type { ApiAccess, ApiKey, ConsoleRole, Grant } from './access.ts'
export { type ApiOptions, trifoldApi } from './api.ts'
export { type ConsoleCaller, consoleCallers } from './console-callers.ts'
export { keyCookie } from './key-cookie.ts'
export type { ApiLimits } from './limits.ts'
export type { Problem } from './problem.ts'
export type { ColumnEntry, ReadModelEntry, TargetEntry } from './read-models.ts'
export { type AccessTo, type ApiSettings, type ApiSettingsOf, defineApi } from './settings.ts'
