/** Who looks at a page, and from where. */
export interface Viewer {
  /** Where the console begins. */
  home: string
  /** Where the explorer begins, if it is there. */
  explorer: string | undefined
  /** The name of the key; undefined if none is asked for. */
  key: string | undefined
  /** Whether the viewer may act on targets. */
  canAct: boolean
  timeZone: string
  isSignedIn: boolean
}

/** The address of the page of a target. */
export const targetPath = ({ home }: Viewer, target: string): string => `${home}/targets/${encodeURIComponent(target)}`
