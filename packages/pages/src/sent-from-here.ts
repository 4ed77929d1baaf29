import type { FastifyRequest } from 'fastify'

/** Whether a form was on a page of this server: browsers say where it was. What is no browser has no cookie to misuse. */
export const isSentFromHere = ({ headers: { origin, host, 'sec-fetch-site': site } }: FastifyRequest): boolean =>
  site === undefined
    ? origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
    : site === 'same-origin'
