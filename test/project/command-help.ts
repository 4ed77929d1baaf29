import { run } from '../../src/cli/run.ts'

/** What `trifold <command> --help` prints. */
export async function helpOf(command: string[]): Promise<string> {
  let text = ''
  const stream = { columns: 200, write: (part: string) => (text += part) }
  await run([...command, '--help'], { stdout: stream, stderr: stream })
  return text
}

/** Every command that does something: `migrate`, `schedule list`. */
export async function commandsBelow(path: string[] = []): Promise<string[]> {
  const [, section = ''] = (await helpOf(path)).split('\nCommands:\n')
  const names = [...section.split('\n\n')[0]!.matchAll(/^ {2}([a-z]+)/gm)].map((match) => match[1] as string)
  const children = names.filter((name) => name !== 'help')
  if (children.length === 0) return [path.join(' ')]
  return (await Promise.all(children.map((child) => commandsBelow([...path, child])))).flat()
}
