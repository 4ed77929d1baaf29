// Writes docs/errors.md from the catalogue: `npm run docs:errors`. A test compares the file with it.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { stopsTarget } from '../src/consumer/failure.ts'
import { type ErrorCode, errorCatalogue, TrifoldError } from '../src/errors.ts'
import { errorParts, nextSteps } from './error-steps.ts'

const introduction = `# Error codes

Every error that Trifold raises on purpose is a \`TrifoldError\` with a \`code\` from this list, a \`message\` that names the part,
the thing and the next step, and \`details\` with the same facts for programs. A code keeps its meaning for good.

\`\`\`ts
import { isTrifoldError } from 'trifold'

try {
  return await trifold.ticket_board.find({ after: commit })
} catch (error) {
  if (!isTrifoldError(error, 'WAIT_TIMEOUT')) throw error
  return trifold.ticket_board.find() // late rather than never
}
\`\`\`

The command line prints the code behind the message, and with \`--json\` as \`error.code\`.

Each code below has what it means, and what to do. *Stops its target* means: raised by a worker, the target stays before that
event until somebody acts, because trying again would give the same. All others are tried again by the worker.
`

/** The page, as the catalogue gives it. */
export function errorsPage(): string {
  return introduction + (Object.keys(errorCatalogue) as ErrorCode[]).map(entryOf).join('')
}

function entryOf(code: ErrorCode): string {
  const part = errorParts[code]
  const stops = stopsTarget(new TrifoldError(code, '')) ? ' *Stops its target.*' : ''
  return `${part ? `\n## ${part}\n` : ''}
### \`${code}\`

${errorCatalogue[code]}${stops}

${nextSteps[code]}
`
}

if (process.argv[2] === '--write') {
  writeFileSync(fileURLToPath(new URL('../docs/errors.md', import.meta.url)), errorsPage())
}
