import { counted } from './counted.js'

/** One entry of a bundle, from a folder or a ready-made archive. */
export interface BundleEntry {
  /** Relative to the bundle's root, with `/`, without a leading or trailing slash. */
  path: string
  kind: 'file' | 'directory' | 'symlink'
  /** Permission bits only, e.g. 0o755. */
  mode: number
  /** Bytes of a file; 0 for the others. */
  size: number
  /** Where a symlink points, exactly as stored. */
  target?: string
}

/** A mistake (the agent would refuse or break) or a warning (it works, but may surprise), with its place. */
export interface Finding {
  severity: 'error' | 'warning'
  /** Path relative to the source folder. */
  file: string
  /** 1-based; absent when the whole file is meant. */
  line?: number
  column?: number
  /** What is wrong, with the value received, and what to do. */
  message: string
  /** Set when one finding stands for many that are not kept individually. */
  times?: number
}

/** What checking a bundle reads of it. */
export interface BundleView {
  entries: readonly BundleEntry[]
  /** The first bytes of one file, at most `limit`: untrusted files are never read whole. */
  read(path: string, limit: number): Promise<Buffer>
  /** Called before several files are read, where reading them one by one would take long. */
  prepare?(paths: readonly string[], limit: number): Promise<void>
}

/** Collects findings. What is kept is bounded, however many there are and whatever they quote. */
export interface Findings {
  add: (finding: Finding) => void
  /** In order of arrival; if there are too many, the last one of each severity stands for the rest. */
  all: () => Finding[]
}

/** Per severity. Nobody fixes more than this at a time. */
const KEPT = 1_000
/** A finding quotes the value received and the agent's message; a value may be a megabyte long. */
const MOST_CHARACTERS = 1_500

export const gatherFindings = (): Findings => {
  const kept: Finding[] = []
  const seen = { error: 0, warning: 0 }
  return {
    add: (finding) => {
      seen[finding.severity] += 1
      if (seen[finding.severity] <= KEPT) kept.push({ ...finding, message: shortened(finding.message) })
    },
    all: () => [...kept, ...restOf('error', seen.error - KEPT), ...restOf('warning', seen.warning - KEPT)]
  }
}

/** One finding for all that are not kept; none if all are kept. */
export const restOf = (severity: Finding['severity'], times: number): Finding[] =>
  times <= 0
    ? []
    : [
        {
          severity,
          file: '',
          message: `${counted(times, 'more of these is', 'more of these are')} not listed individually.`,
          times
        }
      ]

/** A copy, since a substring keeps the whole string in memory. */
const shortened = (text: string): string =>
  text.length <= MOST_CHARACTERS
    ? text
    : `${Buffer.from(text.slice(0, MOST_CHARACTERS)).toString()}… (${counted(text.length - MOST_CHARACTERS, 'more character')})`

/** How many findings of a severity there are, including those that one stands for. */
export const countOf = (findings: readonly Finding[], severity: Finding['severity']): number =>
  findings.reduce((sum, one) => sum + (one.severity === severity ? (one.times ?? 1) : 0), 0)
