/** What an action hits, known before it acts: for limits, dry runs and people. */
export interface Impact {
  /** The objects that it writes. */
  objects: readonly ObjectName[]
  /** The pods that it ends, replaces or cuts off. Absent: none. */
  pods?: Share
  /** The nodes that it takes away. Absent: none. */
  nodes?: Share
}

/** An object, as kubectl names it. */
export interface ObjectName {
  /** In the singular and in lower case: `deployment`. */
  kind: string
  /** Absent: an object of the whole cluster. */
  namespace?: string
  name: string
}

/** How many of how many. */
export interface Share {
  hit: number
  of: number
  /** What they are counted among: `the pods of deployment/web`. */
  among: string
  /** Which ones, where that is known before. */
  names?: readonly string[]
  /** One after the other, each when the one before it is replaced, as a rolling update does it. */
  gradually?: boolean
}
