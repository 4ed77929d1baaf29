import { isSignedIn } from '@trifold/pages'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Api } from '../api.ts'
import type { Reader } from '../pages/read-model.tsx'

/** What the routes have in common. */
export interface Routes {
  app: FastifyInstance
  /** Where the explorer begins, without a slash at the end. */
  home: string
  /** Where the API begins. */
  api: string
}

/** The API as the sender of a request reads it. */
export const apiFor = ({ app, api }: Routes, request: FastifyRequest): Api => Api.for(app, api, request)

/** What the frame of a page says of its reader. */
export const readerOf = ({ home }: Routes, request: FastifyRequest): Reader => ({
  home,
  isSignedIn: isSignedIn(request),
})
