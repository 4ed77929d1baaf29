// The stack command as a program of its own.
import { stackCommand } from '../../src/cli/commands/stack.ts'

await stackCommand().parseAsync(process.argv.slice(2), { from: 'user' })
