/** The sub-field of a column that full text search uses. */
export const textField = (column: string): string => `${column}.text`
