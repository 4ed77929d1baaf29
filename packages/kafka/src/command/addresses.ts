/** Takes `one:9092, two:9092` apart; undefined if one of them is no `host:port`. */
export function parseAddresses(text: string): string[] | undefined {
  const addresses = text.split(',').map((address) => address.trim())
  return addresses.every((address) => /^[^\s:/]+:\d{1,5}$/.test(address)) ? addresses : undefined
}
