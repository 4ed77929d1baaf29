const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a value is a UUID of any version, as text. */
export const isUuid = (value: unknown): value is string => typeof value === 'string' && form.test(value)
