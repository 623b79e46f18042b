import type { Finding } from '../domain/bundle.js'

/** What is wrong with an archive as a whole: it cannot be unpacked, so nothing in it can be judged. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

/** Collects findings of an archive's entries; the same one about many entries is told once, with their number. */
export interface Defects {
  error(file: string, message: string): void
  warning(file: string, message: string): void
  /** One finding for each message, in the order of their first entry. */
  findings(): Finding[]
}

export const openDefects = (): Defects => {
  const found = new Map<string, { finding: Finding; count: number }>()
  const add = (severity: Finding['severity'], file: string, message: string): void => {
    const key = `${severity} ${message}`
    const earlier = found.get(key)
    if (earlier === undefined) found.set(key, { finding: { severity, file, message }, count: 1 })
    else earlier.count += 1
  }
  return {
    error: (file, message) => add('error', file, message),
    warning: (file, message) => add('warning', file, message),
    findings: () =>
      [...found.values()].map(({ finding, count }) =>
        count === 1
          ? finding
          : { ...finding, message: `${finding.message} (So do ${count - 1} more entries.)` }
      )
  }
}
