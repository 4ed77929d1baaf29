import { Command } from 'commander'
import type { Console } from '../console.ts'

export function demoCommand(_console: Console): Command {
  return new Command('demo')
}
