/** Somebody saw what must not be. */
export class Violation extends Error {}
