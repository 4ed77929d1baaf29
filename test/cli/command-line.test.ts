import { describe, expect, it } from 'vitest'
import { showFailure } from '../../src/cli/failure.ts'
import { errorCatalogue } from '../../src/errors.ts'
import { runCli } from './project.ts'

const commands = [
  ['migrate'],
  ['worker'],
  ['status'],
  ['doctor'],
  ['rebuild'],
  ['switch'],
  ['definition', 'new'],
  ['definition', 'diff'],
  ['refresh'],
  ['schedule', 'list'],
  ['schedule', 'tune'],
  ['schedule', 'pause'],
  ['schedule', 'resume'],
  ['types'],
  ['demo'],
]

describe('help', () => {
  it('names every command and how to begin', async () => {
    const { code, out, err } = await runCli(['--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    for (const [command] of commands) expect(out).toContain(`\n  ${command} `)
    expect(out).toContain('\n  stack ')
    expect(out).toContain('trifold stack up --detach')
  })

  it.each(commands)('of %s %s has an example and says that there is JSON', async (...command) => {
    const { code, out } = await runCli([...command.filter(Boolean), '--help'])
    expect(code).toBe(0)
    expect(out).toMatch(/Examples?:\n {2}\$ .*trifold /)
    expect(out).toContain('--json')
  })

  it.each([['migrate'], ['rebuild'], ['types'], ['schedule', 'tune'], ['schedule', 'pause']])(
    'of %s %s offers a dry run',
    async (...command) => {
      expect((await runCli([...command.filter(Boolean), '--help'])).out).toContain('--dry-run')
    },
  )

  it('gives the version of the package', async () => {
    expect((await runCli(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('a command line that cannot be understood', () => {
  it.each([
    [['bogus'], "trifold: unknown command 'bogus'; see `trifold --help` [USAGE]\n"],
    [['status', '--nope'], "trifold: unknown option '--nope'; see `trifold status --help` [USAGE]\n"],
    [['refresh'], "trifold: missing required argument 'target'; see `trifold refresh --help` [USAGE]\n"],
    [
      ['schedule', 'tune', 'item@view'],
      'trifold: give --every, --lag or --cron; see `trifold schedule tune --help` [USAGE]\n',
    ],
    [
      ['rebuild'],
      'trifold: name targets, or give --outdated (what is missing or out of date) or --all; see `trifold rebuild --help` [USAGE]\n',
    ],
    [
      ['rebuild', 'item@table', '--all'],
      'trifold: give names, --outdated or --all, not several of them; see `trifold rebuild --help` [USAGE]\n',
    ],
    [
      ['schedule', 'list', '--zone', 'Mars/Base'],
      "trifold: option '--zone <name>' argument 'Mars/Base' is invalid. the time zone is unknown; write one such as \"Europe/Berlin\"; see `trifold schedule list --help` [USAGE]\n",
    ],
    [['switch', 'item'], 'trifold: give --to <target> or --reset; see `trifold switch --help` [USAGE]\n'],
    [
      ['switch', 'item', '--to', 'view', '--reset'],
      'trifold: give --to <target> or --reset; see `trifold switch --help` [USAGE]\n',
    ],
    ...['', ' , '].map((only): [string[], string] => [
      ['worker', '--only', only],
      `trifold: option '--only <names>' argument '${only}' is invalid. name at least one target or read model, such as "order_summary@table"; see \`trifold worker --help\` [USAGE]\n`,
    ]),
    [
      ['worker', '--grace', '30d'],
      "trifold: option '--grace <span>' argument '30d' is invalid. write at most \"24d\"; see `trifold worker --help` [USAGE]\n",
    ],
    [
      ['demo', '--seconds', '-3'],
      "trifold: option '--seconds <n>' argument '-3' is invalid. it must be a number above 0; see `trifold demo --help` [USAGE]\n",
    ],
  ])('ends %j with 2 and one line', async (argv, line) => {
    expect(await runCli(argv)).toEqual({ code: 2, out: '', err: line })
  })

  it('is an object for programs with --json', async () => {
    const { code, out } = await runCli(['status', '--nope', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(out).error.code).toBe('USAGE')
  })

  it('shows the help where a command is missing', async () => {
    const { code, err } = await runCli([])
    expect(code).toBe(2)
    expect(err).toContain('Usage: trifold')
  })
})

describe('an error', () => {
  const show = (error: unknown, json = false) => {
    let out = ''
    let err = ''
    const streams = {
      stdout: { write: (text: string) => (out += text) },
      stderr: { write: (text: string) => (err += text) },
    }
    return { code: showFailure({ ...streams, exitCode: 0 }, error, json), out, err }
  }

  it('that nobody foresaw says what to report, without a stack', () => {
    const { code, err } = show(new TypeError('x is not a function'))
    expect(code).toBe(1)
    expect(err).toMatch(
      /^trifold: unexpected error: x is not a function\. Please report it .*trifold doctor.* \[UNEXPECTED\]\n$/,
    )
  })

  it('of PostgreSQL about privileges points at the doctor', () => {
    const { err } = show(Object.assign(new Error('permission denied for schema public'), { code: '42501' }))
    expect(err).toContain('trifold: database: permission denied for schema public; `trifold doctor` says')
    expect(err).toContain('[PRIVILEGE_MISSING]')
  })

  it('of a connection that broke is not called unexpected', () => {
    const { err } = show(Object.assign(new Error('terminating connection'), { code: '57P01' }), true)
    expect(err).toContain('[DATABASE_UNREACHABLE]')
    expect(errorCatalogue).toHaveProperty('DATABASE_UNREACHABLE')
  })
})
