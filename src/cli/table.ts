import { stripVTControlCharacters } from 'node:util'

export type Alignment = 'left' | 'right'

/**
 * A table without lines: two spaces between the columns, none at the end of a line. Colours take no room.
 *
 * @param rows the first is the head; all have as many cells as there are alignments
 */
export function tableText(alignments: readonly Alignment[], rows: readonly (readonly string[])[]): string {
  const widths = alignments.map((_, column) => Math.max(...rows.map((cells) => widthOf(cells[column] ?? ''))))
  const padded = (cell: string, column: number): string => {
    const room = ' '.repeat(widths[column]! - widthOf(cell))
    return alignments[column] === 'right' ? room + cell : cell + room
  }
  return rows.map((cells) => cells.map(padded).join('  ').trimEnd()).join('\n')
}

const widthOf = (cell: string): number => [...stripVTControlCharacters(cell)].length
