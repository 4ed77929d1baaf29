import type { Admin } from 'trifold'

/** What an operator can do to a parked event. */
export interface ParkedAction {
  label: string
  hint: string
  /** @returns what came of it */
  run(admin: Admin, id: string): Promise<string>
}

/** By the names that the audit has. */
export const parkedActions: Readonly<Record<string, ParkedAction>> = {
  retry: {
    label: 'Retry',
    hint: 'asks the mended handler for its keys, and recomputes their rows',
    run: async (admin, id) => {
      const { target, ordinal } = await admin.retryParked(id)
      return `recomputed the keys of event ${ordinal} in ${target}`
    },
  },
  discard: {
    label: 'Discard',
    hint: 'forgets it, whatever its rows say',
    run: async (admin, id) => {
      const { target, ordinal } = await admin.discardParked(id)
      return `forgot event ${ordinal} of ${target}`
    },
  },
}
