/** Whether a host reaches this machine alone: `localhost`, or an address of the loopback. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
