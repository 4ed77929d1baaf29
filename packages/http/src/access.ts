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

/** What a key may do in the console: see how targets are, or act on them too. */
export type ConsoleRole = 'reader' | 'operator'

/** A key, as one client, tenant or operator has it. */
export interface ApiKey {
  /** The name of its role. Without one it reads no read model, and needs `console`. */
  role?: string
  /** What it may do in the console; default nothing. */
  console?: ConsoleRole
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
  /** What it may do in the console. */
  console: ConsoleRole | undefined
}

/** The roles by name, each with its grants by read model. */
export type Roles = ReadonlyMap<string, ReadonlyMap<string, Grant>>

/** Finds the caller of a request by its header `Authorization`. @throws ACCESS_DENIED */
export type Identify = (authorization: string | undefined) => Caller

/** Lets everybody read all of these read models, and the console. Who acts there has a key, by whose name it is recorded. */
export const everybody = (readModels: readonly string[]): Identify => {
  const caller = {
    key: undefined,
    grants: new Map(readModels.map((name) => [name, 'all'] as const)),
    console: 'reader',
  } as const
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
  const holders = Object.entries(access.keys).map(([name, key]) => ({
    key: name,
    grants: grantsOfKey(name, key, roles),
    console: key.console,
    hash: hashOf(key.secret as string),
  }))
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

function grantsOfKey(name: string, { role, console }: ApiKey, roles: Roles): Caller['grants'] {
  if (role === undefined && console === undefined)
    throw invalid(`keys.${name}: opens nothing; give it a \`role\`, or \`console: 'reader'\` or 'operator'`)
  const grants = role === undefined ? new Map() : roles.get(role)
  if (grants) return grants
  throw invalid(`keys.${name}: there is no role ${role} (roles: ${[...roles.keys()].join(', ')})`)
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
    keys: recordOf(string, object({ role: string, console: oneOf('reader', 'operator'), secret }, 'secret')),
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
