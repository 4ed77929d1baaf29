import { posix } from 'node:path'
import { textOf, trackedFiles } from './repository.ts'

/** What each file of `src` imports from it, by path; types and imports at run time are among them. */
export type Imports = ReadonlyMap<string, readonly string[]>

/** The texts of all sources in `src`, or of those whose path matches, by path. */
export function sources(wanted = /^src\/.*\.ts$/): Map<string, string> {
  const paths = trackedFiles().filter((path) => wanted.test(path))
  return new Map(paths.map((path) => [path, textOf(path)]))
}

/** The file or folder of `src` that a file belongs to: `feed` for `src/feed.ts` and `src/feed/tick.ts`. */
export const roomOf = (path: string): string => (path.split('/')[1] as string).replace(/\.ts$/, '')

/** Reads the imports of sources. */
export function importsOf(files: ReadonlyMap<string, string>): Imports {
  const imports = new Map<string, string[]>()
  for (const [path, text] of files) {
    const named = [...text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*'(\.[^']+)'/gm)].map((match) =>
      posix.join(posix.dirname(path), match[1] as string),
    )
    imports.set(
      path,
      named.filter((other) => files.has(other)),
    )
  }
  return imports
}

/** `a imports b` for every import of a room that is not in a lower layer. */
export function upwardImports(imports: Imports, layers: readonly (readonly string[])[]): string[] {
  const layerOf = (path: string) => layers.findIndex((rooms) => rooms.includes(roomOf(path)))
  return [...imports].flatMap(([path, others]) =>
    others
      .filter((other) => roomOf(other) !== roomOf(path) && layerOf(other) >= layerOf(path))
      .map((other) => `${path} imports ${other}`),
  )
}

/** The groups of files that import each other in a loop: Tarjan's strongly connected components of more than one file. */
export function circles(imports: Imports): string[][] {
  const found: string[][] = []
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const open: string[] = []
  const visit = (file: string): void => {
    order.set(file, order.size)
    lowest.set(file, order.get(file) as number)
    open.push(file)
    for (const other of imports.get(file) ?? []) {
      if (!order.has(other)) visit(other)
      if (open.includes(other)) lowest.set(file, Math.min(lowest.get(file) as number, lowest.get(other) as number))
    }
    if (lowest.get(file) !== order.get(file)) return
    const group = open.splice(open.indexOf(file)).sort()
    if (group.length > 1) found.push(group)
  }
  for (const file of imports.keys()) if (!order.has(file)) visit(file)
  return found
}
