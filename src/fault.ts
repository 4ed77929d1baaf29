/**
 * Named points between the steps of a pass, at which a test ends or freezes the process: the value of TRIFOLD_FAULT is
 * `<point>:<kill|freeze>[:<n>]`, `n` the time at which the point is passed. Without the variable a point costs one
 * comparison.
 */
const wanted = parseFault(process.env.TRIFOLD_FAULT)
let passed = 0

export async function faultPoint(name: string): Promise<void> {
  if (wanted === undefined || wanted.name !== name) return
  passed += 1
  if (passed !== wanted.time) return
  process.stderr.write(`fault point ${name}: ${wanted.signal}\n`)
  process.kill(process.pid, wanted.signal)
  // The signal may take effect a moment later: nothing must run past the point until then.
  if (wanted.signal === 'SIGKILL') await new Promise(() => {})
}

function parseFault(
  text: string | undefined,
): { name: string; signal: 'SIGKILL' | 'SIGSTOP'; time: number } | undefined {
  const match = /^(.+):(kill|freeze)(?::(\d+))?$/.exec(text ?? '')
  if (!match) return undefined
  return { name: match[1] as string, signal: match[2] === 'kill' ? 'SIGKILL' : 'SIGSTOP', time: Number(match[3] ?? 1) }
}
