/**
 * Read models over HTTP: the plugin for Fastify.
 *
 * @module @trifold/http
 */

export type { ApiAccess, ApiKey, Grant } from './access.ts'
export { type ApiOptions, trifoldApi } from './api.ts'
export type { ApiLimits } from './limits.ts'
export { type AccessTo, type ApiSettings, type ApiSettingsOf, defineApi } from './settings.ts'
