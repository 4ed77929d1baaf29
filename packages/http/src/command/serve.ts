import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { type ConfigOptions, readConfigurationFile } from 'trifold/internal/cli/configuration'
import { type Console, printJsonLine } from 'trifold/internal/cli/console'
import { installCommand, loadExtension } from 'trifold/internal/cli/extension'
import { showFailure, showTargetFailure } from 'trifold/internal/cli/failure'
import { onStop } from 'trifold/internal/cli/signals'
import { TrifoldError } from 'trifold/internal/errors'
import { type HealthAddress, startHealth } from 'trifold/internal/health'
import { failureOf } from 'trifold/internal/observe'
import { openToolkit, type Toolkit } from 'trifold/internal/toolkit'
import { Application } from 'trifold/internal/trifold'
import type { ApiSettings } from '../settings.ts'
import { isLoopback } from './loopback.ts'
import { type ConsoleGiven, consolePath, explorerPath, serverOf } from './server.ts'
import { settingsIn } from './settings-file.ts'

export interface ServeOptions extends ConfigOptions {
  port: number
  host: string
  api?: string
  health?: HealthAddress
  explorer: boolean
  console: boolean
}

/** How long requests under way may go on after a signal, in milliseconds. */
const grace = 30_000

/** Serves the API until a signal. */
export async function serve(console: Console, options: ServeOptions): Promise<void> {
  const { config, file } = await readConfigurationFile(console, options)
  const settings = (await settingsIn(options.api, dirname(file))) ?? { access: 'open' }
  checkHost(settings, options.host)
  const stopping = onStop()
  const toolkit = await openToolkit(config)
  try {
    for (const [target, { error }] of toolkit.broken) showTargetFailure(console, target, failureOf(error))
    const onError = (error: unknown) => void showFailure(console, error, false)
    const explorer = options.explorer ? await explorerPlugin() : undefined
    const operators = options.console ? await consolePlugin() : undefined
    const trifold = new Application<never, never>(toolkit)
    const app = await serverOf({ trifold, settings, explorer, console: operators, onError })
    const address = await listen(app, options)
    const health = options.health && (await startHealth(toolkit, options.health))
    const pages = explorer && address + explorerPath
    const operated = operators && address + consolePath
    say(console, options, { address, toolkit, settings, health: health?.address, pages, console: operated })
    const reason = await stopping.asked
    if (!options.json) console.stderr.write(`${reason}: finishing what is under way\n`)
    await health?.close()
    await close(app)
  } finally {
    stopping.forget()
    await toolkit.close()
  }
}

/** The pages of the package beside this one; undefined if it is not installed. */
async function explorerPlugin(): Promise<FastifyPluginAsync | undefined> {
  const pages = await loadExtension<{ trifoldExplorer: FastifyPluginAsync }>('explorer', 'plugin')
  return pages?.trifoldExplorer
}

/** Those for operators. */
async function consolePlugin(): Promise<FastifyPluginAsync<ConsoleGiven> | undefined> {
  const pages = await loadExtension<{ trifoldConsole: FastifyPluginAsync<ConsoleGiven> }>('console', 'plugin')
  return pages?.trifoldConsole
}

function checkHost({ access }: ApiSettings, host: string): void {
  if (access !== 'open' || isLoopback(host)) return
  throw new TrifoldError(
    'API_INVALID',
    `http: without keys it listens on loopback only, not on ${host}; write roles and keys to trifold.api.ts, or leave --host out`,
  )
}

async function listen(app: FastifyInstance, { host, port }: ServeOptions): Promise<string> {
  try {
    await app.listen({ host, port })
    const { port: taken } = app.server.address() as AddressInfo
    return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    await app.close()
    if (code === undefined) throw cause
    throw new TrifoldError(
      'API_INVALID',
      `http: cannot listen on ${host}:${port} (${message}); choose --host or --port`,
      { cause },
    )
  }
}

interface Serving {
  address: string
  toolkit: Toolkit
  settings: ApiSettings
  health: string | undefined
  /** Where the pages are, if there are any. */
  pages: string | undefined
  /** Where the console is, if there is one. */
  console: string | undefined
}

function say({ stdout }: Console, { json, ...wanted }: ServeOptions, serving: Serving): void {
  const { address, health, pages, console } = serving
  const { access } = serving.settings
  const readModels = Object.keys(serving.toolkit.config.readModels)
  const keys = access === 'open' ? [] : Object.keys(access.keys)
  if (json)
    printJsonLine(stdout, {
      kind: 'api.serves',
      address,
      readModels,
      keys,
      ...(health && { health }),
      ...(pages && { pages }),
      ...(console && { console }),
    })
  else {
    const readers = access === 'open' ? 'this machine only, without keys' : `the keys ${keys.join(', ')}`
    stdout.write(`serves ${readModels.join(', ')} at ${address} to ${readers}\n`)
    if (health) stdout.write(`${health} serves /metrics, /health and /ready\n`)
    if (pages) stdout.write(`${pages} shows them in a browser\n`)
    else if (wanted.explorer)
      stdout.write(`pages for a browser are in another package: \`${installCommand('explorer')}\`\n`)
    if (console) stdout.write(`${console} shows operators how the targets are\n`)
    else if (wanted.console)
      stdout.write(`the console of operators is in another package: \`${installCommand('console')}\`\n`)
    stdout.write(`${address}/openapi.json describes it; Ctrl-C ends it\n`)
  }
}

/** Waits for the requests under way, but not for ever. */
async function close(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), grace)
  await app.close()
  clearTimeout(cut)
}
