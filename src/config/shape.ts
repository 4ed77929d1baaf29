/** What is wrong with a value at a path, as `path: message`; nothing if the value has the shape. */
export type Shape = (value: unknown, path: string) => string[]

/** A value that passes `test`. */
export const that =
  (test: (value: unknown) => boolean, message: string): Shape =>
  (value, path) =>
    test(value) ? [] : [`${path || 'config'}: ${message}`]

export const string = that((value) => typeof value === 'string', 'must be a string')

export const stringLike = (pattern: RegExp, message: string): Shape =>
  that((value) => typeof value === 'string' && pattern.test(value), message)

export const integerFrom = (least: number): Shape =>
  that((value) => Number.isSafeInteger(value) && Number(value) >= least, `must be a whole number, at least ${least}`)

export const oneOf = (...values: readonly string[]): Shape =>
  that((value) => values.includes(value as string), `must be ${values.join(' or ')}`)

/** A list whose items all have a shape, at least `least` of them. */
export const listOf =
  (item: Shape, least = 0): Shape =>
  (value, path) => {
    if (!Array.isArray(value)) return [`${path}: must be a list`]
    if (value.length < least) return [`${path}: must have at least ${least} ${least === 1 ? 'entry' : 'entries'}`]
    return value.flatMap((one, place) => item(one, `${path}.${place}`))
  }

/** An object with any keys that have the shape `key`. */
export const recordOf =
  (key: Shape, item: Shape): Shape =>
  (value, path) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, one]) => [
          ...key(name, `${path}.${name}`),
          ...item(one, `${path}.${name}`),
        ])
      : [`${path}: must be an object`]

/** An object with these keys and no others. All but the required may be missing or undefined. */
export const object =
  (shapes: Readonly<Record<string, Shape>>, ...required: readonly string[]): Shape =>
  (value, path) => {
    if (!isObject(value)) return [`${path || 'config'}: must be an object`]
    const unknown = Object.keys(value).filter((key) => !Object.hasOwn(shapes, key))
    return [
      ...unknown.map((key) => `${path || 'config'}: has no key "${key}" (known: ${Object.keys(shapes).join(', ')})`),
      ...Object.entries(shapes).flatMap(([key, shape]) => {
        const at = path ? `${path}.${key}` : key
        if (value[key] !== undefined) return shape(value[key], at)
        return required.includes(key) ? [`${at}: is missing`] : []
      }),
    ]
  }

/** A shape for objects, and another one for everything else. */
export const objectOr =
  (ifObject: Shape, otherwise: Shape): Shape =>
  (value, path) =>
    isObject(value) ? ifObject(value, path) : otherwise(value, path)

/** The second shape is looked at only in values of the first. */
export const and =
  (...shapes: readonly Shape[]): Shape =>
  (value, path) => {
    for (const shape of shapes) {
      const faults = shape(value, path)
      if (faults.length > 0) return faults
    }
    return []
  }

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
