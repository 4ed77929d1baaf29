#!/usr/bin/env node
import * as module from 'node:module'

// Node.js from 22.1 keeps what it has compiled.
;(module as { enableCompileCache?: () => void }).enableCompileCache?.()

const { run } = await import('./run.ts')
const { endChild, isWorkerChild } = await import('./commands/worker-parent.ts')
process.exitCode = await run(process.argv.slice(2))
if (isWorkerChild()) await endChild()
