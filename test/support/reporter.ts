import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * Ends a run with the line `N passed, N failed, N skipped`, alone on a line. A file that could not be loaded, a failed
 * hook and an error outside of any test count as failed, so that the line is never greener than the run.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    process.stdout.write(`${closingLine(modules, unhandled.length)}\n`)
  }
}

function closingLine(modules: readonly TestModule[], unhandled: number): string {
  const count = { passed: 0, failed: unhandled, skipped: 0 }
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state)
    count.passed += states.filter((state) => state === 'passed').length
    count.failed += states.filter((state) => state === 'failed' || state === 'pending').length
    count.skipped += states.filter((state) => state === 'skipped').length
    if (!module.ok() && !states.includes('failed')) count.failed += 1
  }
  return `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`
}
