import { type Finding, gatherFindings } from '../domain/bundle.js'
import type { Mark } from './yaml/source.js'

/** Collects what is wrong in one file, each with the place of the value at fault, or none for the whole file. */
export interface Problems {
  error: (message: string, at?: Place) => void
  warning: (message: string, at?: Place) => void
}

/** Anything with a position in the file. */
export type Place = { start: Mark } | undefined

/** The same for one file, and for others of the bundle. */
export interface Collector extends Problems {
  /** For another file. */
  of: (file: string) => Problems
  findings: () => Finding[]
}

/** A collector for one file; findings count lines and columns from 1. */
export const collect = (file: string): Collector => {
  const findings = gatherFindings()
  const of = (named: string): Problems => {
    const add = (severity: Finding['severity'], message: string, at: Place): void => {
      const place = at === undefined ? {} : { line: at.start.line + 1, column: at.start.column + 1 }
      findings.add({ severity, file: named, ...place, message })
    }
    return {
      error: (message, at) => add('error', message, at),
      warning: (message, at) => add('warning', message, at)
    }
  }
  return { ...of(file), of, findings: findings.all }
}

/** Adds the agent's own words to ours. */
export const quoting = (message: string, agent: string): string =>
  `${message} The agent would say: “${agent}”`

/** Sorts by file, then by line and column; findings that stand for many come last. */
export const sortFindings = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort(
    (left, right) =>
      Number(left.times !== undefined) - Number(right.times !== undefined) ||
      Number(left.file > right.file) - Number(left.file < right.file) ||
      (left.line ?? 0) - (right.line ?? 0) ||
      (left.column ?? 0) - (right.column ?? 0)
  )
