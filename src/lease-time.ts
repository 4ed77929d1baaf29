/**
 * How long a lease lasts without being renewed, in milliseconds: TRIFOLD_LEASE_MS, default 10,000. A shorter one brings an
 * earlier takeover from a frozen worker, and more takeovers from one that is only slow.
 */
export const leaseMilliseconds = Number(process.env.TRIFOLD_LEASE_MS ?? 10_000)
