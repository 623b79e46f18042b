import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import type { Readable } from 'node:stream'

/** The number of characters, in whole lines, that the agent keeps for its answer (docs/service.md, reference 2.3). */
const TAIL_LIMIT = 2048
/** The most of a single line that is kept in memory; beyond TAIL_LIMIT it empties the tail anyway. */
const LINE_LIMIT = 64 * 1024
/** The limit on disk, so that a runaway script does not fill the disk of the person who tries it. */
const FILE_LIMIT = 32 * 1024 * 1024

/** The log of one event: on disk for people, its tail for the service. */
export interface ScriptLog {
  /** Adds a line, with its line break if it has one. Resolves when there is room for the next. */
  add(line: string): Promise<void>
  /** The newest whole lines, fewer than 2,048 characters altogether. */
  tail(): string
  close(): Promise<void>
}

/** Opens `logs/scripts.log` of a deployment to append lines. */
export const openScriptLog = async (file: string, now: () => number): Promise<ScriptLog> => {
  await mkdir(path.dirname(file), { recursive: true })
  const stream = createWriteStream(file, { flags: 'a' })
  // A terminated machine takes its log with it; how the hooks ended is reported in other ways.
  stream.on('error', () => undefined)
  let kept: string[] = []
  let written = 0
  let waiting: (() => void)[] = []
  const goOn = () => {
    for (const resolve of waiting) resolve()
    waiting = []
  }
  stream.on('drain', goOn).on('close', goOn)
  return {
    add: async (line) => {
      kept = newest([...kept, line])
      written += line.length
      if (written > FILE_LIMIT || stream.destroyed) return
      const time = new Date(now()).toISOString().slice(0, 19).replace('T', ' ')
      if (!stream.write(`${time} ${line}`)) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    tail: () => kept.join(''),
    close: () => new Promise((resolve) => (stream.destroyed ? resolve() : stream.end(() => resolve())))
  }
}

/** From the newest line back, as long as the sum stays below the limit: one line that is too long hides everything before it. */
const newest = (lines: string[]): string[] => {
  let room = TAIL_LIMIT
  let first = lines.length
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    room -= lines[index]?.length ?? 0
    if (room <= 0) break
    first = index
  }
  return lines.slice(first)
}

/** The lines of a stream, each with its line break; characters stay whole however the bytes are split. */
export const eachLine = async (stream: Readable, tell: (line: string) => Promise<void>): Promise<void> => {
  const decoder = new StringDecoder('utf8')
  let line = ''
  for await (const chunk of stream) {
    const pieces = decoder.write(chunk as Buffer).split('\n')
    const rest = pieces.pop() ?? ''
    for (const piece of pieces) {
      await tell(`${short(line + piece)}\n`)
      line = ''
    }
    line = short(line + rest)
  }
  line += decoder.end()
  if (line !== '') await tell(line)
}

const short = (line: string): string => (line.length > LINE_LIMIT ? line.slice(0, LINE_LIMIT) : line)
