// The stack command as a program of its own.
import { Command } from 'commander'
import { configure } from '../../packages/stack/src/command.ts'

const stack = new Command('stack')
configure(stack)
await stack.parseAsync(process.argv.slice(2), { from: 'user' })
