import { counted } from '../domain/counted.js'
import { type Finding, gatherFindings, restOf } from '../domain/bundle.js'

/** The archive as a whole cannot be unpacked, so nothing in it can be judged. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

/** It could be unpacked, but no real bundle is this large, and reading it would exhaust the runner. */
export class LimitError extends ArchiveError {}

/** Collects findings about an archive's entries; one that applies to many entries is reported once, with their number. */
export interface Defects {
  error(file: string, message: string): void
  warning(file: string, message: string): void
  /** One finding for each message, in the order of their first entry. */
  findings(): Finding[]
}

/** How many different messages are kept; a malicious archive may cause a different one for each entry. */
const MOST_KINDS = 1_000

export const openDefects = (): Defects => {
  const found = new Map<string, { finding: Finding; count: number }>()
  const others = { error: 0, warning: 0 }
  const add = (severity: Finding['severity'], file: string, message: string): void => {
    const key = `${severity} ${message}`
    const earlier = found.get(key)
    if (earlier !== undefined) earlier.count += 1
    else if (found.size < MOST_KINDS) found.set(key, { finding: { severity, file, message }, count: 1 })
    else others[severity] += 1
  }
  return {
    error: (file, message) => add('error', file, message),
    warning: (file, message) => add('warning', file, message),
    findings: () => {
      const gathered = gatherFindings()
      for (const { finding, count } of found.values())
        gathered.add(
          count === 1
            ? finding
            : {
                ...finding,
                message: `${finding.message} (The same applies to ${counted(count - 1, 'more entry', 'more entries')}.)`
              }
        )
      return [...gathered.all(), ...restOf('error', others.error), ...restOf('warning', others.warning)]
    }
  }
}
