type Params = Record<string, string | number | undefined>

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
  kept(...fields: string[]): [string, string | number][] {
    const entries = Object.entries(this.params).filter(([name]) => !fields.includes(name))
    return entries.filter((entry): entry is [string, string | number] => entry[1] !== undefined)
  }
}

/** A path with its parameters; those that are undefined are left out. */
export function hrefOf(path: string, params: Params): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) if (value !== undefined) search.set(name, String(value))
  return search.size > 0 ? `${path}?${search}` : path
}
