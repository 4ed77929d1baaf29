import { type Command, InvalidArgumentError } from 'commander'
import { readHealthAddress } from 'trifold/internal/cli/commands/health-option'
import { withConfig } from 'trifold/internal/cli/configuration'
import type { Console } from 'trifold/internal/cli/console'
import type { ServeOptions } from './command/serve.ts'

const help = `
Without the file of the API everybody on this machine reads every read model, and nobody else: on another address than
loopback it needs keys. Requests: POST /read-models/<name>/find, /summarize, /suggest and /export with the request as JSON;
GET /read-models and /openapi.json say what there is.

With the package @trifold/explorer it also serves pages for a browser, at /explore: to search, filter, group and export
without code. They show what the API gives; with keys a reader signs in with one.

With the package @trifold/console it also serves the console of operators, at /console: how every target is, and what to do
about it. A key with \`console: 'reader'\` sees it, one with \`console: 'operator'\` also acts; what is done is written down, and
\`trifold audit\` shows it. Without the file of the API it shows, and nobody acts.

Examples:
  $ trifold serve
  $ trifold serve --no-explorer --no-console
  $ trifold serve --host 0.0.0.0 --port 8080 --api trifold.api.ts
  $ curl localhost:8787/read-models/order_summary/find --json '{"where":{"status":"open"},"limit":5}'

trifold.api.ts:
  export default defineApi<typeof config>({
    access: {
      roles: { partner: { order_summary: { columns: ['order_id', 'status'], where: { partner_id: 7 } } } },
      keys: {
        acme: { role: 'partner', secret: process.env.ACME_KEY },
        night: { console: 'operator', secret: process.env.NIGHT_KEY },
      },
    },
  })`

/** `trifold serve`: the HTTP API, until SIGINT or SIGTERM. */
export function configure(command: Command, console: Console): void {
  withConfig(command)
    .option('--port <n>', 'the port; 0 for a free one', readPort, 8787)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--health <address>', 'serve /metrics, /health and /ready at another [host:]port', readHealthAddress)
    .option('--api <file>', 'keys, limits and origins (default: trifold.api.ts, .mjs or .js beside the configuration)')
    .option('--no-explorer', 'serve the API without the pages of @trifold/explorer')
    .option('--no-console', 'serve the API without the console of @trifold/console')
    .addHelpText('after', help)
    .action(async (options: ServeOptions) => {
      const { serve } = await import('./command/serve.ts')
      await serve(console, options)
    })
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('a port is 0 to 65535.')
}
