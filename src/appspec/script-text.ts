/** What is wrong with a script's text; an `error` when the script cannot start. */
export interface TextProblem {
  severity: 'error' | 'warning'
  message: string
}

// The kernel reads this many bytes of the first line.
const FIRST_LINE = 256

const INTERPRETERS = /^(?:\/usr)?\/bin\/(?:env|sh|bash|dash|perl|python3|sed|awk|make|true|false|cat)$/

/**
 * Judges the first bytes of a script the way the kernel and the agent read them: a `#!` line with a Windows line ending
 * does not start; a script without `#!` runs in /bin/sh, which is the fallback of Ruby, and so of the agent.
 */
export const judgeScriptText = (bytes: Buffer): TextProblem[] => {
  if (bytes.length === 0) return [warning('the file is empty; it runs and does nothing.')]
  if (bytes.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) return []
  if (/^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2)))
    return [error('the file is UTF-16, which no shell can read. Save it as UTF-8 without a byte order mark.')]
  const text = bytes.toString('latin1')
  if (!text.startsWith('#!')) return judgeWithoutInterpreter(text)
  const line = /^[^\n]*/.exec(text.slice(2, FIRST_LINE))?.[0] ?? ''
  if (line.includes('\r'))
    return [
      error(
        `the first line ends in CRLF, so the system looks for an interpreter named “${line.replace(/\r.*$/s, '').trim()}\\r”, and the script does not start. Save the file with Unix line endings (LF).`
      )
    ]
  return [...judgeInterpreter(line), ...judgeBody(text)]
}

const error = (message: string): TextProblem => ({ severity: 'error', message })
const warning = (message: string): TextProblem => ({ severity: 'warning', message })

const judgeWithoutInterpreter = (text: string): TextProblem[] => {
  const bom = text.startsWith('\xef\xbb\xbf')
  const why = bom
    ? 'a byte order mark precedes the first line, so its “#!” has no effect'
    : 'it does not start with “#!”'
  const says = `${why}; the Ruby agent runs it with /bin/sh, and the 2.x agent cannot start it. Start the file with “#!/bin/bash” or similar.`
  return [warning(says), ...judgeBody(text)]
}

const judgeInterpreter = (line: string): TextProblem[] => {
  const interpreter = /[^ \t\0]+/.exec(line)?.[0]
  if (interpreter === undefined) return [warning('“#!” names no interpreter; /bin/sh runs it.')]
  if (!interpreter.startsWith('/'))
    return [
      error(
        `the interpreter “${interpreter}” is not an absolute path, so the system does not find it. Write “#!/usr/bin/env ${interpreter}”.`
      )
    ]
  if (INTERPRETERS.test(interpreter)) return []
  return [warning(`the interpreter ${interpreter} must be on the instance, or the script does not start.`)]
}

const judgeBody = (text: string): TextProblem[] =>
  /\r\n/.test(text)
    ? [
        warning(
          'lines end in CRLF; most shells treat the CR as part of the last word. Save the file with LF.'
        )
      ]
    : []
