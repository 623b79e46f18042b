import { type Finding, gatherFindings } from '../domain/bundle.js'
import type { Mark } from './yaml/source.js'

/** Collects what is wrong in one file, each with the place of the value at fault, or none for the whole file. */
export interface Problems {
  error: (message: string, at?: Place) => void
  warning: (message: string, at?: Place) => void
}

/** Anything with a position in the file. */
export type Place = { start: Mark } | undefined

/** A collector for one file; findings count lines and columns from 1. */
export const collect = (file: string): Problems & { findings: () => Finding[] } => {
  const findings = gatherFindings()
  const add = (severity: Finding['severity'], message: string, at: Place): void => {
    const place = at === undefined ? {} : { line: at.start.line + 1, column: at.start.column + 1 }
    findings.add({ severity, file, ...place, message })
  }
  return {
    findings: findings.all,
    error: (message, at) => add('error', message, at),
    warning: (message, at) => add('warning', message, at)
  }
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
