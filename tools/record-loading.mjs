// Preloaded by `node --import`: writes a line for each module that the process loads into the file LOADED_MODULES.
import { appendFileSync } from 'node:fs'
import { createRequire, register } from 'node:module'

const file = process.env.LOADED_MODULES
const hook = `
  import { appendFileSync } from 'node:fs'
  import { fileURLToPath } from 'node:url'
  export async function load(url, context, next) {
    if (url.startsWith('file:')) appendFileSync(${JSON.stringify(file)}, fileURLToPath(url) + '\\n')
    return next(url, context)
  }`
register(`data:text/javascript,${encodeURIComponent(hook)}`)
// What a CommonJS module requires passes by the hook.
process.on('exit', () => {
  for (const path of Object.keys(createRequire(import.meta.url).cache)) appendFileSync(file, `${path}\n`)
})
