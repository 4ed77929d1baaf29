const unreadable = '(an address that cannot be parsed)'

/** The address without its password, for messages. */
export function shownUrl(url: string): string {
  try {
    const parsed = new URL(url)
    if (!url.includes('://')) return unreadable
    if (parsed.password) parsed.password = '***'
    for (const name of parsed.searchParams.keys()) if (/pass/i.test(name)) parsed.searchParams.set(name, '***')
    return parsed.toString()
  } catch {
    return unreadable
  }
}
