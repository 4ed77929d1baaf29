/** The names of one read model in OpenSearch. */
export interface IndexNames {
  /** What readers use: an alias of the generation that serves. */
  publicAlias: string
  /** The index of a generation. */
  index(generation: number): string
  /** The generation of an index, or undefined if the name is none of this read model's. */
  generationOf(index: string): number | undefined
}

/** `prefix` separates installations that share a cluster; it may be empty. */
export function indexNames(prefix: string, readModel: string): IndexNames {
  const publicAlias = `${prefix}${readModel}`
  return {
    publicAlias,
    index: (generation) => `${publicAlias}-g${generation}`,
    generationOf(index) {
      const digits = index.startsWith(`${publicAlias}-g`) ? index.slice(publicAlias.length + 2) : ''
      return /^\d+$/.test(digits) ? Number(digits) : undefined
    },
  }
}

/** The alias through which alone an index is written: a write to a deleted index fails instead of creating it again. */
export const writeAlias = (index: string): string => `${index}-write`
