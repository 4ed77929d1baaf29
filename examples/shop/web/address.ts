type Value = string | number

/** A list is a parameter that comes several times. */
type Params = Record<string, Value | readonly Value[] | undefined>

/** The address of a page, from which the links on it are made. */
export class Address {
  readonly path: string
  private readonly params: Params

  constructor(path: string, params: Params = {}) {
    this.path = path
    this.params = params
  }

  /** The same page with other parameters; undefined drops one. */
  with(changes: Params = {}): string {
    return hrefOf(this.path, { ...this.params, ...changes })
  }

  /** Another page, asked of the same target and with the same commit token. */
  to(path: string, params: Params = {}): string {
    const { target, after } = this.params
    return hrefOf(path, { target, after, ...params })
  }

  /** The parameters that a form of this page carries along, beside those that it has fields for. */
  kept(...fields: string[]): [string, Value][] {
    return entriesOf(this.params).filter(([name]) => !fields.includes(name))
  }
}

/** A path with its parameters; those that are undefined are left out. */
export function hrefOf(path: string, params: Params): string {
  const search = new URLSearchParams(entriesOf(params).map(([name, value]) => [name, String(value)]))
  return search.size > 0 ? `${path}?${search}` : path
}

const entriesOf = (params: Params): [string, Value][] =>
  Object.entries(params).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, Value] => [name, one]))
