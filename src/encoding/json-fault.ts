import { textFault } from './text.ts'

/** What JSON cannot hold, and where in the value it is. */
export interface JsonFault {
  /** `lines.0.price`; empty for the value itself. */
  path: string
  fault: string
}

/**
 * Finds what would change or vanish on the way through JSON: numbers that are not finite, collections, functions, a hole
 * in an array, text that cannot be stored. A property that is undefined is one that is left out; what has a `toJSON`
 * (a Date) is what that gives.
 */
export function jsonFault(value: unknown, path: readonly string[] = []): JsonFault | undefined {
  const held = hasJson(value) ? value.toJSON(path.at(-1) ?? '') : value
  const fault = isInvalidDate(value) ? 'it is an invalid date' : ownFault(held, path)
  if (fault !== undefined) return { path: path.join('.'), fault }
  if (held === null || typeof held !== 'object') return undefined
  for (const [key, item] of Object.entries(held)) {
    if (item === undefined && !Array.isArray(held)) continue
    const faultOfKey = textFault(key)
    if (faultOfKey) return { path: path.join('.'), fault: `it has a key that is not ${faultOfKey}` }
    const found = jsonFault(item, [...path, key])
    if (found) return found
  }
  return undefined
}

const hasJson = (value: unknown): value is { toJSON(key: string): unknown } =>
  typeof (value as { toJSON?: unknown } | null | undefined)?.toJSON === 'function'

const isInvalidDate = (value: unknown): boolean => value instanceof Date && Number.isNaN(value.getTime())

const deepest = 500

function ownFault(value: unknown, path: readonly string[]): string | undefined {
  if (path.length > deepest) return `it is nested more than ${deepest} levels deep, or contains itself`
  if (typeof value === 'string') {
    const fault = textFault(value)
    return fault && `it is not ${fault}`
  }
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${value} is not a finite number`
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value !== 'object') return `JSON has no ${typeof value}`
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  return collections.has(tag) || ArrayBuffer.isView(value) ? `JSON has no ${tag}` : undefined
}

const collections = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'RegExp', 'Promise', 'Error', 'ArrayBuffer'])
