import type { EventRegistry, Restriction, RowOf, TrifoldConfig } from 'trifold'
import type { Kept, Keys } from 'trifold/internal/config'
import type { ApiAccess, ApiKey } from './access.ts'
import type { ApiLimits } from './limits.ts'

/** Who may ask an API, for what, and from where. */
export interface ApiSettings {
  /**
   * The keys, with what they may read; or `open`: everybody who gets to the application reads every read model, which is for
   * applications that ask for a session themselves, and for loopback.
   */
  access: ApiAccess | 'open'
  /** What one request may ask for; see {@link ApiLimits}. */
  limits?: ApiLimits
  /** The origins whose pages may read answers in a browser (CORS): `https://shop.example`. Default: none. */
  origins?: readonly string[]
}

/** The settings of an API for a configuration: roles are checked against its read models and their rows. */
export type ApiSettingsOf<Config> =
  Config extends TrifoldConfig<infer _Events extends EventRegistry, infer _K extends Keys, infer T extends Kept>
    ? Omit<ApiSettings, 'access'> & { access: AccessTo<T> | 'open' }
    : never

/** As {@link ApiAccess}, for the read models `T`. */
export interface AccessTo<T> {
  /** The roles by name, each with the read models that it reads: `all`, or what a restriction leaves. */
  roles: Record<string, { [Name in keyof T]?: 'all' | Restriction<RowOf<Name>> }>
  /** The keys by name. */
  keys: Record<string, ApiKey>
}

/** Gives the compiler the types of an API: `export default defineApi<typeof config>({ access, limits, origins })`. */
export const defineApi = <Config = TrifoldConfig>(settings: ApiSettingsOf<Config>): ApiSettings =>
  settings as ApiSettings
