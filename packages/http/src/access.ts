import { createHash, timingSafeEqual } from 'node:crypto'
import type { Restriction } from 'trifold'
import { object, objectOr, oneOf, recordOf, string, stringLike } from 'trifold/internal/config/shape'
import { TrifoldError } from 'trifold/internal/errors'

/** What a role reads of a read model: all of it, or what a restriction leaves, as `restrict` takes it. */
export type Grant = 'all' | Restriction

/** Who may read what. */
export interface ApiAccess {
  /** The roles by name, each with the read models that it reads. It does not learn of others. */
  roles: Readonly<Record<string, Readonly<Record<string, Grant>>>>
  /** The keys by name. */
  keys: Readonly<Record<string, ApiKey>>
}

/** A key, as one client or tenant has it. */
export interface ApiKey {
  /** The name of its role. */
  role: string
  /**
   * What the client sends as `Authorization: Bearer …`: at least 20 letters, digits and signs, without blanks. Trifold keeps
   * a hash of it only. Undefined, as a variable of the environment that is not set, is refused.
   */
  secret: string | undefined
}

/** Who sends a request. */
export interface Caller {
  /** The name of its key; undefined if none is asked for. */
  key: string | undefined
  /** What it reads, by read model. */
  grants: ReadonlyMap<string, Grant>
}

/** The roles by name, each with its grants by read model. */
export type Roles = ReadonlyMap<string, ReadonlyMap<string, Grant>>

/** Finds the caller of a request by its header `Authorization`. @throws ACCESS_DENIED */
export type Identify = (authorization: string | undefined) => Caller

/** Lets everybody read all of these read models. */
export const everybody = (readModels: readonly string[]): Identify => {
  const caller = { key: undefined, grants: new Map(readModels.map((name) => [name, 'all'] as const)) }
  return () => caller
}

/** The roles of an access. @throws API_INVALID */
export function rolesOf(access: ApiAccess): Roles {
  const faults = accessShape(access, '')
  if (faults.length > 0) throw invalid(faults.join('; '))
  return new Map(Object.entries(access.roles).map(([name, grants]) => [name, grantsOf(`roles.${name}`, grants)]))
}

/** Asks for a key. @throws API_INVALID */
export function holdersOf(access: ApiAccess, roles: Roles): Identify {
  const holders = Object.entries(access.keys).map(([name, { role, secret }]) => {
    const grants = roles.get(role)
    if (!grants) throw invalid(`keys.${name}: there is no role ${role} (roles: ${[...roles.keys()].join(', ')})`)
    return { key: name, grants, hash: hashOf(secret as string) }
  })
  refuseTwins(holders)
  return (authorization) => {
    const hash = hashOf(/^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? '')
    // Each is compared, whichever it is.
    const [holder] = holders.filter((one) => timingSafeEqual(one.hash, hash))
    if (holder) return holder
    throw new TrifoldError(
      'ACCESS_DENIED',
      `http: the request has ${authorization === undefined ? 'no key' : 'a key that is not known'}; send \`Authorization: Bearer …\``,
    )
  }
}

const secret = stringLike(/^[!-~]{20,500}$/, 'must be 20 to 500 letters, digits and signs without blanks')

const accessShape = object(
  {
    roles: recordOf(
      string,
      recordOf(
        string,
        objectOr(() => [], oneOf('all')),
      ),
    ),
    keys: recordOf(string, object({ role: string, secret }, 'role', 'secret')),
  },
  'roles',
  'keys',
)

function grantsOf(path: string, grants: Readonly<Record<string, Grant>>): ReadonlyMap<string, Grant> {
  const entries = Object.entries(grants)
  if (entries.length === 0) throw invalid(`${path}: is empty; name the read models that it reads`)
  return new Map(entries)
}

function refuseTwins(holders: readonly { key: string; hash: Buffer }[]): void {
  if (holders.length === 0) throw invalid('keys: there are none, so nobody could read; add one')
  const seen = new Map<string, string>()
  for (const { key, hash } of holders) {
    const twin = seen.get(hash.toString('hex'))
    if (twin !== undefined) throw invalid(`keys.${key}: has the secret of ${twin}; give each key its own`)
    seen.set(hash.toString('hex'), key)
  }
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()

export const invalid = (fault: string): TrifoldError => new TrifoldError('API_INVALID', `http: ${fault}`)
