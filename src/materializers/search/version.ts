/**
 * The external version of a document: epoch above ordinal, so that after a takeover every write of the new owner beats
 * every older one. 20 bits of epoch and 43 of ordinal stay below 2^63.
 *
 * Number above epoch would lose a repair to a former owner that is further on.
 */
export const documentVersion = (epoch: number, ordinal: number): bigint => (BigInt(epoch) << 43n) | BigInt(ordinal)

/** The largest epoch that fits; a generation that reaches it is rebuilt. */
export const largestEpoch = 2 ** 20 - 1
