/** How old what is seen may be, in milliseconds: many viewers cost the database no more than one. */
const freshFor = 1_000

/** Something that is looked up again and again, once for all who look at about the same time. */
export class Recent<Seen> {
  private readonly look: () => Promise<Seen>
  private last: { at: number; seen: Promise<Seen> } | undefined

  constructor(look: () => Promise<Seen>) {
    this.look = look
  }

  /** @throws what looking it up throws */
  read(): Promise<Seen> {
    if (this.last && performance.now() - this.last.at < freshFor) return this.last.seen
    const seen = this.look()
    this.last = { at: performance.now(), seen }
    seen.catch(() => this.forget())
    return seen
  }

  forget(): void {
    this.last = undefined
  }
}
