import type Table from 'cli-table3'

/** A table without lines: two spaces between the columns. */
export const plainTable: Table.TableConstructorOptions = {
  chars: {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  },
  style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
}

/** The lines of a table, without spaces at their ends. */
export const linesOf = (table: Table.Table): string => table.toString().replaceAll(/ +$/gm, '')
