/**
 * How long a lease lasts without being renewed, in milliseconds: TRIFOLD_LEASE_MS, default 10,000. A shorter one brings an
 * earlier takeover from a frozen worker, and more takeovers from one that is only slow.
 */
export const leaseMilliseconds = Number(process.env.TRIFOLD_LEASE_MS ?? 10_000)

/**
 * For sessions whose transactions hold locks that others wait for: a process that is frozen inside one gives them back
 * within half a lease.
 */
export const noIdleTransactions = { idle_in_transaction_session_timeout: String(leaseMilliseconds / 2) }
