// Compiles the benchmarks together with the library and the shop into dist-bench/, so that what is measured is what a
// user runs: plain JavaScript, as in dist/. There, `trifold` is the library beside the benchmarks.
import { spawnSync } from 'node:child_process'
import { rmSync, symlinkSync, writeFileSync } from 'node:fs'

rmSync('dist-bench', { recursive: true, force: true })
const { status } = spawnSync('npx', ['tsc', '-p', 'tsconfig.bench.json'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
const manifest = { name: 'trifold', type: 'module', exports: { '.': './src/index.js', './internal/*': './src/*.js' } }
writeFileSync('dist-bench/package.json', `${JSON.stringify(manifest)}\n`)
for (const folder of ['migrations', 'views', 'examples/shop/migrations']) {
  symlinkSync(`${process.cwd()}/${folder}`, `dist-bench/${folder}`)
}
