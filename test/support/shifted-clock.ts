const True = Date
let shift = 0

class Shifted extends True {
  static override now = () => True.now() + shift

  constructor(...args: []) {
    super(...((args.length === 0 ? [Shifted.now()] : args) as []))
  }
}

/** Sets the clock of this process by some milliseconds, as an operator or NTP sets that of a machine; 0 sets it right. */
export function shiftClock(milliseconds: number): void {
  shift = milliseconds
  globalThis.Date = (shift === 0 ? True : Shifted) as DateConstructor
}
