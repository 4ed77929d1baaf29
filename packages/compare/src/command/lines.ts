const width = 100

/**
 * Text in lines of at most 100 columns; what follows the first is indented below it.
 *
 * @param head before the first line
 */
export function wrapped(text: string, head = ''): string[] {
  const room = width - head.length
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  lines.push(line)
  return lines.map((one, place) => `${place === 0 ? head : ' '.repeat(head.length)}${one}`)
}
