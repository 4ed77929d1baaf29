/** A JSON Schema (2020-12), as OpenAPI 3.1 uses it. */
export type Schema = Readonly<Record<string, unknown>>

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

/** An object with these members and no others. @param required all of them, if it is left out */
export const objectWith = (
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = Object.keys(properties),
): Schema => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
  additionalProperties: false,
})

export const listOf = (items: Schema, bounds: Schema = {}): Schema => ({ type: 'array', items, ...bounds })

export const oneOf = (names: readonly string[]): Schema => ({ type: 'string', enum: names })

export const anyOf = (...schemas: readonly Schema[]): Schema => ({ anyOf: schemas })

/** A span of time. */
export const span: Schema = {
  description: 'A time span such as "500ms" or "5s", or milliseconds.',
  anyOf: [
    { type: 'string', pattern: '^\\s*\\d+(\\.\\d+)?(ms|s|m|h|d)\\s*$' },
    { type: 'number', exclusiveMinimum: 0 },
  ],
}
