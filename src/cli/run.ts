import { Command, CommanderError } from 'commander'
import type { ErrorCode } from '../errors.ts'
import { auditCommand } from './commands/audit.ts'
import { compareCommand } from './commands/compare.ts'
import { definitionCommand } from './commands/definition.ts'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { eraCommand } from './commands/era.ts'
import { exportCommand } from './commands/export.ts'
import { grantCommand } from './commands/grant.ts'
import { historyCommand } from './commands/history.ts'
import { migrateCommand } from './commands/migrate.ts'
import { nightCommand } from './commands/night.ts'
import { parkedCommand } from './commands/parked.ts'
import { queryCommand } from './commands/query.ts'
import { rebuildCommand } from './commands/rebuild.ts'
import { refreshCommand } from './commands/refresh.ts'
import { relayCommand } from './commands/relay.ts'
import { rollbackCommand } from './commands/rollback.ts'
import { scheduleCommand } from './commands/schedule.ts'
import { serveCommand } from './commands/serve.ts'
import { stackCommand } from './commands/stack.ts'
import { statusCommand } from './commands/status.ts'
import { summarizeCommand } from './commands/summarize.ts'
import { switchCommand } from './commands/switch.ts'
import { targetCommand } from './commands/target.ts'
import { typesCommand } from './commands/types.ts'
import { verifyCommand } from './commands/verify.ts'
import { workerCommand } from './commands/worker.ts'
import { type Console, colorsOf, printJsonLine } from './console.ts'
import { showFailure } from './failure.ts'
import { packageVersion } from './version.ts'

const usageError = 2

/**
 * Runs one command line. What a command needs is imported when it runs, so that `--help` is fast.
 *
 * @returns the exit code: 0, 1 for errors and bad news, 2 if the command line cannot be understood
 */
export async function run(
  argv: readonly string[],
  streams: Pick<Console, 'stdout' | 'stderr'> = process,
): Promise<number> {
  const console: Console = { stdout: streams.stdout, stderr: streams.stderr, exitCode: 0 }
  const json = argv.includes('--json')
  try {
    const program = await programOf(console, argv)
    configure(program, console, json)
    await program.parseAsync(argv, { from: 'user' })
    return console.exitCode || Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return usageCode(error)
    return showFailure(console, error, json)
  }
}

/** Help that was asked for is no error; help in place of a missing command is. */
const usageCode = ({ exitCode }: CommanderError): number => (exitCode === 0 ? 0 : usageError)

async function programOf(console: Console, argv: readonly string[]): Promise<Command> {
  const program = new Command('trifold')
    .description('One read model, three ways to materialize it: a table, a materialized view, an OpenSearch index.')
    .version(packageVersion(), '-V, --version')
    .addHelpText('after', gettingStarted)
  const first = [
    migrateCommand,
    workerCommand,
    statusCommand,
    historyCommand,
    nightCommand,
    doctorCommand,
    rebuildCommand,
    refreshCommand,
  ]
  for (const command of first) program.addCommand(command(console))
  program
    .addCommand(verifyCommand(console))
    .addCommand(switchCommand(console))
    .addCommand(rollbackCommand(console))
    .addCommand(targetCommand(console))
  program.addCommand(queryCommand(console)).addCommand(summarizeCommand(console)).addCommand(exportCommand(console))
  program.addCommand(parkedCommand(console)).addCommand(scheduleCommand(console)).addCommand(typesCommand(console))
  program.addCommand(grantCommand(console)).addCommand(auditCommand(console))
  program.addCommand(definitionCommand(console)).addCommand(eraCommand(console))
  program.addCommand(await serveCommand(console, argv)).addCommand(await compareCommand(console, argv))
  program.addCommand(await relayCommand(console, argv))
  program.addCommand(await stackCommand(console, argv)).addCommand(demoCommand(console))
  return program
}

/** Errors are thrown and not exited with, for the program and every command below it. */
function configure(command: Command, console: Console, json: boolean): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => console.stdout.write(text),
    writeErr: (text) => console.stderr.write(text),
    getOutHelpWidth: () => console.stdout.columns ?? 100,
    getErrHelpWidth: () => console.stderr.columns ?? 100,
    outputError: (text) => usageFailure(console, text.replace(/^error: /, '').trim(), command, json),
  })
  for (const child of command.commands) configure(child, console, json)
}

function usageFailure(console: Console, message: string, command: Command, json: boolean): void {
  const { red, dim } = colorsOf(console.stderr)
  const shown = `${message.replace(/\.$/, '')}; see \`${nameOf(command)} --help\``
  const code: ErrorCode = 'USAGE'
  if (json) printJsonLine(console.stdout, { error: { code, message: shown, details: {} } })
  console.stderr.write(`${red('trifold:')} ${shown} ${dim(`[${code}]`)}\n`)
}

const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name()

const gettingStarted = `
Examples:
  $ trifold stack up --detach   start PostgreSQL and OpenSearch for this folder
  $ trifold migrate             create the schema "trifold"
  $ trifold worker              build the targets of trifold.config.ts and keep them current
  $ trifold status              show what every target reflects, and what is wrong

DATABASE_URL, OPENSEARCH_URL and REDIS_URL name the engines where the configuration does not; a stack that was
started for this folder is found by itself. TRIFOLD_DEBUG=1 shows the stack of an error.
Exit codes: 0 done, 1 an error or a red target, 2 a command line that cannot be understood.`
