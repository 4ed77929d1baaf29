// A caller of startStack whose end the tests watch: it prints what it started, then waits, returns or throws.
import { startStack } from '../../packages/stack/src/index.ts'

const stack = await startStack({ openSearch: false })
const { pid, folder } = stack.engines[0] ?? { pid: 0, folder: '' }
process.stdout.write(`${JSON.stringify({ pid, folder, databaseUrl: stack.databaseUrl })}\n`)
const ending = process.argv[2]
if (ending === 'wait') setInterval(() => {}, 60_000)
if (ending === 'throw') throw new Error('on purpose')
