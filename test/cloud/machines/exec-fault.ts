import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { Host } from './host.js'
import { locate } from './root.js'

/**
 * Why the kernel would not start a script, with Ruby's message; undefined if it would. `#!/bin/bash\r` names a program that
 * does not exist (docs/service.md, reference 2.3), and a path with spaces is read as a command with arguments (docs/service.md,
 * reference 6.3).
 */
export const execFault = (host: Host, program: string): string | undefined => {
  const missing = (name: string) => `Errno::ENOENT with message No such file or directory - ${name}`
  const word = program.split(' ')[0] ?? ''
  if (word !== program) return missing(word)
  const file = locate(host.base, program)
  if (statSync(file).isDirectory()) return `Errno::EACCES with message Permission denied - ${program}`
  const interpreter = interpreterOf(file)
  return interpreter === undefined || host.hasProgram(interpreter) ? undefined : missing(program)
}

const interpreterOf = (file: string): string | undefined => {
  const head = Buffer.alloc(256)
  const handle = openSync(file, 'r')
  const length = readSync(handle, head, 0, head.length, 0)
  closeSync(handle)
  const [line = ''] = head.toString('utf8', 0, length).split('\n')
  return /^#![ \t]*([^ \t]+)/.exec(line)?.[1]
}
