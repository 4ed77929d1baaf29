import type { Toolkit } from 'trifold/internal/toolkit'
import type { Caller } from './access.ts'
import type { Limits } from './limits.ts'

/** What the routes share. */
export interface Api {
  toolkit: Toolkit
  limits: Limits
  /** Whether callers have keys. */
  hasKeys: boolean
}

/** The parameters of a route below a read model. */
export interface Named {
  name: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks a read model. */
    caller: Caller
  }
}
