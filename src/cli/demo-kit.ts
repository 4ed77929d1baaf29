// What the demo of the shop is given by the command line: examples import the library by its public face only.

export { inBytes, inSeconds, inThousands } from '../operator/figures.ts'
export { isEqual } from '../operator/verify.ts'
export { colorsOf, printJson } from './console.ts'
export { onStop } from './signals.ts'
export { tableText } from './table.ts'
