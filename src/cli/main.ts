#!/usr/bin/env node
import * as module from 'node:module'

// Node.js from 22.1 keeps what it has compiled.
;(module as { enableCompileCache?: () => void }).enableCompileCache?.()

// `trifold status | head -1` closes the pipe before all is written. That is no error: the command comes to its end.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

const { run } = await import('./run.ts')
const { endChild, isWorkerChild } = await import('./commands/worker-child.ts')
process.exitCode = await run(process.argv.slice(2))
if (isWorkerChild()) await endChild()
