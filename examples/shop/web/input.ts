import type { ReadableTarget } from 'trifold'
import { z } from 'zod'
import { PageError } from './page-error.ts'

export const targetKinds = ['table', 'view', 'search'] as const satisfies readonly ReadableTarget[]

/**
 * The seconds that a page waits for a commit token, and those after which a refresh of every view has come by; beside
 * them, those in which a target must answer: the client of an engine has more patience than a reader.
 */
export const waits = { short: 3, long: 65, answer: 8 } as const

/** The target that a page asks. */
export const targetInput = z.enum(targetKinds).optional()

/** What the address of every page with a read model may say. */
export const readingInput = {
  target: targetInput,
  /** The commit token of what the reader has just done. */
  after: z.string().min(1).max(2_000).optional(),
  /** Reads without the token, to see what it is good for. */
  token: z.enum(['ignored']).optional(),
  /** Seconds. */
  wait: z.coerce.number().int().min(1).max(waits.long).optional(),
}

export const readingSchema = z.object(readingInput)

export const cursorInput = { cursor: z.string().max(4_000).optional() }

/** The id of a row. */
export const idInput = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER)

/** How many of a product. */
export const quantityInput = z.coerce.number().int().min(0).max(999)

/** A value of a text column: PostgreSQL stores no zero character. */
export const textInput = z
  .string()
  .max(200)
  .regex(/^[^\0]*$/)

/** A parameter that may come several times. */
export const severalInput = z.preprocess(
  (input) => (input === undefined ? [] : [input].flat()),
  z.array(textInput).max(20),
)

/**
 * Where to go afterwards: a path of this shop and of no other. What a browser would leave out of an address, such as a tab
 * between two slashes, is refused.
 */
export const backInput = z
  .string()
  .regex(/^\/(?![/\\])[!-~]*$/)
  .max(6_000)
  .default('/products')

/** Form fields that were left empty are as good as not there. */
const withoutBlanks = (input: unknown): object =>
  Object.fromEntries(Object.entries(input ?? {}).filter(([, value]) => value !== ''))

/** @throws PageError 400 naming the fields that do not fit */
export function parsed<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const result = schema.safeParse(withoutBlanks(input))
  if (result.success) return result.data
  const fields = [...new Set(result.error.issues.map(({ path }) => path.join('.')))].join(', ')
  throw new PageError(400, 'That request does not fit', `Look at ${fields}, or start again from the menu.`)
}
