/**
 * The anchor of a heading as hosts of repositories make it, so that a link works there and in the site: lower case, blanks
 * as hyphens, and nothing else but letters, digits, `-` and `_`.
 */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}_\- ]/gu, '')
    .replaceAll(' ', '-')
