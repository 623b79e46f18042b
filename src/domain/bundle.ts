/** One thing in a bundle, whether it comes from a folder or out of a ready archive. */
export interface BundleEntry {
  /** Relative to the bundle's root, with `/`, without a leading slash or a trailing one. */
  path: string
  kind: 'file' | 'directory' | 'symlink'
  /** Permission bits only, e.g. 0o755. */
  mode: number
  /** Bytes of a file; 0 for the others. */
  size: number
  /** Where a symlink points, as it is written in it. */
  target?: string
}

/** A mistake (the agent would refuse or break) or a warning (it works, but surprises), with its place. */
export interface Finding {
  severity: 'error' | 'warning'
  /** Path relative to the source folder. */
  file: string
  /** 1-based; absent when the whole file is meant. */
  line?: number
  column?: number
  /** What is wrong, with the value received, and what to do. */
  message: string
  /** Given where one stands for many that are not kept one by one. */
  times?: number
}

/** What judging a bundle needs to see of it. */
export interface BundleView {
  entries: readonly BundleEntry[]
  /** The first bytes of one file, at most `limit` of them: nothing of a stranger's is read whole. */
  read(path: string, limit: number): Promise<Buffer>
  /** Called before several files are read, where reading them one by one would take long. */
  prepare?(paths: readonly string[], limit: number): Promise<void>
}
