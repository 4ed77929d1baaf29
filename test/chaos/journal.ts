/** Something that must not be. */
export interface Finding {
  /** Seconds since the run began. */
  at: number
  what: string
}

/** What happened in a run, with times, and what was found. */
export class Journal {
  readonly findings: Finding[] = []
  readonly lines: string[] = []
  /** How often each thing was counted: reads, commits, typed errors by their code. */
  readonly counts: Record<string, number> = {}
  /** How often the history of the database has branched: tokens of before are refused. */
  branches = 0
  private readonly began = performance.now()
  private readonly say: (line: string) => void

  constructor(say: (line: string) => void) {
    this.say = say
  }

  get seconds(): number {
    return Math.round((performance.now() - this.began) / 100) / 10
  }

  note(line: string): void {
    const text = `${this.seconds.toFixed(1).padStart(6)} s  ${line}`
    this.lines.push(text)
    this.say(text)
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1
  }

  found(what: string): void {
    this.findings.push({ at: this.seconds, what })
    this.note(`FINDING  ${what}`)
  }
}
