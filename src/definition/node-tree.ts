/** A node of a tree that PostgreSQL stores (`pg_node_tree`): `{VAR :varno 1 …}`. */
export interface TreeNode {
  tag: string
  /** What follows each `:name`: most often one value. */
  fields: Record<string, TreeValue[]>
}

/** A list, a node, or a word; `<>` is none. */
export type TreeValue = TreeNode | TreeValue[] | string

const tokens = /"(?:[^"\\]|\\.)*"|[(){}]|(?:\\.|[^\s(){}\\])+/gs

/** Reads the text of a tree: a list of nodes. */
export function parseTree(text: string): TreeValue {
  const found = text.match(tokens) ?? []
  let place = 0
  const value = (): TreeValue => {
    const token = found[place++] as string
    if (token === '(') return list()
    return token === '{' ? node() : token
  }
  const list = (): TreeValue[] => {
    const items: TreeValue[] = []
    while (found[place] !== ')') items.push(value())
    place += 1
    return items
  }
  const node = (): TreeNode => {
    const fields: TreeNode['fields'] = {}
    const tag = found[place++] as string
    let values: TreeValue[] = []
    while (found[place] !== '}') {
      const token = found[place] as string
      if (token.startsWith(':')) {
        values = []
        fields[token.slice(1)] = values
        place += 1
      } else values.push(value())
    }
    place += 1
    return { tag, fields }
  }
  return value()
}

/** Whether a value of a tree is a node. */
export const isNode = (value: TreeValue | undefined): value is TreeNode =>
  typeof value === 'object' && !Array.isArray(value)

/** The word in a field; empty if there is none. */
export function wordIn(node: TreeNode, field: string): string {
  const [word] = node.fields[field] ?? []
  return typeof word === 'string' && word !== '<>' ? word : ''
}

/** The nodes of a field's list; none if it is empty. */
export function nodesIn(node: TreeNode, field: string): TreeNode[] {
  const [list] = node.fields[field] ?? []
  return Array.isArray(list) ? list.filter(isNode) : []
}

/** The node in a field. */
export function nodeIn(node: TreeNode, field: string): TreeNode | undefined {
  const [found] = node.fields[field] ?? []
  return isNode(found) ? found : undefined
}
