/**
 * A Jest reporter that says at the start what is run and how long that takes (`text`), unless only some files were asked for.
 * Jest calls it with `new`.
 */
export default function announce(globalConfig, { text }) {
  const { testPathPatterns, testNamePattern, onlyChanged } = globalConfig
  const isAll = testPathPatterns.patterns.length === 0 && !testNamePattern && !onlyChanged
  return { onRunStart: () => void (isAll && process.stderr.write(`${text}\n\n`)) }
}
