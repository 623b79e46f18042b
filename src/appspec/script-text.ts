/** What is wrong with a script's text; `error` when it cannot be started. */
export interface TextProblem {
  severity: 'error' | 'warning'
  message: string
}

// The kernel reads the first line up to this many bytes.
const FIRST_LINE = 256

const INTERPRETERS = /^(?:\/usr)?\/bin\/(?:env|sh|bash|dash|perl|python3|sed|awk|make|true|false|cat)$/

/**
 * Judges the first bytes of a script as the kernel and the agent treat it: `#!` with Windows line ends does not start; a
 * text without `#!` is run by /bin/sh (the agent is a Ruby program, and Ruby falls back to it).
 */
export const judgeScriptText = (bytes: Buffer): TextProblem[] => {
  if (bytes.length === 0) return [warning('the file is empty; it runs, and does nothing.')]
  if (bytes.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) return []
  if (/^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2)))
    return [error('the file is UTF-16, which no shell reads. Save it as UTF-8 without a byte order mark.')]
  const text = bytes.toString('latin1')
  if (!text.startsWith('#!')) return judgeWithoutInterpreter(text)
  const line = /^[^\n]*/.exec(text.slice(2, FIRST_LINE))?.[0] ?? ''
  if (line.includes('\r'))
    return [
      error(
        `the first line ends in CRLF, so the system looks for an interpreter named “${line.replace(/\r.*$/s, '').trim()}\\r” and does not start it. Save the file with Unix line ends (LF).`
      )
    ]
  return [...judgeInterpreter(line), ...judgeBody(text)]
}

const error = (message: string): TextProblem => ({ severity: 'error', message })
const warning = (message: string): TextProblem => ({ severity: 'warning', message })

const judgeWithoutInterpreter = (text: string): TextProblem[] => {
  const bom = text.startsWith('\xef\xbb\xbf')
  const why = bom
    ? 'a byte order mark stands before the first line, so its “#!” counts for nothing'
    : 'it does not start with “#!”'
  const says = `${why}; the Ruby agent lets /bin/sh run it, the agent of 2.x cannot start it. Begin the file with “#!/bin/bash” or the like.`
  return [warning(says), ...judgeBody(text)]
}

const judgeInterpreter = (line: string): TextProblem[] => {
  const interpreter = /[^ \t\0]+/.exec(line)?.[0]
  if (interpreter === undefined) return [warning('“#!” names no interpreter; /bin/sh runs it.')]
  if (!interpreter.startsWith('/'))
    return [
      error(
        `the interpreter “${interpreter}” is no full path, so the system does not find it. Write “#!/usr/bin/env ${interpreter}”.`
      )
    ]
  if (INTERPRETERS.test(interpreter)) return []
  return [warning(`the interpreter ${interpreter} must be on the instance, or the script does not start.`)]
}

const judgeBody = (text: string): TextProblem[] =>
  /\r\n/.test(text)
    ? [
        warning(
          'lines end in CRLF; most shells take the CR for part of the last word. Save the file with LF.'
        )
      ]
    : []
