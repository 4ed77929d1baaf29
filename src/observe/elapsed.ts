/** Milliseconds since `began` (of `performance.now()`), in tenths. */
export const elapsed = (began: number): number => Math.round((performance.now() - began) * 10) / 10
