import { type Journal, journal } from '../../src/journal.js'
import { painter } from '../../src/report/style.js'
import { at } from './clock.js'
import { group } from './nouns.js'
import { UTC } from './times.js'

/** A journal, what it writes without colors (a group opens with `[`), and what it writes with debug logging. */
export const writing = ({
  now = () => at(600).getTime(),
  source
}: { now?: () => number; source?: string } = {}): {
  log: Journal
  lines: string[]
  details: string[]
} => {
  const lines: string[] = []
  const details: string[] = []
  const unused = (): never => {
    throw new Error('not used here')
  }
  const log = journal({
    runner: {
      info: (line) => lines.push(line),
      group: (title) => lines.push(`[${title}`),
      endGroup: () => lines.push(']'),
      annotate: (level, _, place) => lines.push(`${level}: ${place?.title ?? ''}`),
      debug: (line) => details.push(line),
      ...{
        once: unused,
        read: unused,
        mask: unused,
        hide: unused,
        output: unused,
        summary: unused,
        fail: unused
      }
    },
    paint: painter(false),
    now,
    zone: UTC,
    region: '',
    group: group(),
    source
  })
  return { log, lines, details }
}
