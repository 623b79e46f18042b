import { expect, test } from '@jest/globals'
import { journal } from '../../src/journal.js'
import { painter } from '../../src/report/style.js'
import { at } from '../fakes/clock.js'
import { blocked, deployment, green, group, ID, served } from '../fakes/nouns.js'
import { UTC } from '../fakes/times.js'

const writing = () => {
  const lines: string[] = []
  const unused = (): never => {
    throw new Error('not used here')
  }
  const log = journal({
    runner: {
      info: (line) => lines.push(line),
      group: (title) => lines.push(`[${title}`),
      endGroup: () => lines.push(']'),
      annotate: unused,
      ...{
        once: unused,
        read: unused,
        debug: unused,
        mask: unused,
        hide: unused,
        output: unused,
        summary: unused,
        fail: unused
      }
    },
    paint: painter(false),
    now: () => at(600).getTime(),
    zone: UTC,
    region: '',
    group: group()
  })
  return { log, lines }
}

test('what is awaited stands outside of groups, and a group that was interrupted is continued', () => {
  const { log, lines } = writing()
  const running = deployment()
  const slow = green('i-1', 3, 'InProgress')
  const event = slow.events[3]
  if (event === undefined) throw new Error('no event')
  const change = { kind: 'change', deployment: running, change: { target: slow, event } } as const
  log.tell({ kind: 'phase', phase: 'provision', deployment: running, targets: [] })
  log.tell({ kind: 'phase', phase: 'install', deployment: running, targets: [slow] })
  log.tell(change)
  const waiting = {
    deployment: running,
    targets: [slow],
    since: at(300).getTime(),
    until: at(7200).getTime()
  }
  log.tell({ kind: 'waiting', waiting })
  log.tell(change)
  const moved = [served('i-1'), blocked('i-8')]
  log.tell({ kind: 'phase', phase: 'termination-wait', deployment: running, targets: moved })
  expect(lines.map((line) => line.slice(0, 72))).toEqual([
    `Provision the green fleet (${ID}): provisioning the green fleet (1`,
    `[Install on the green fleet (${ID})`,
    '12:00:03  green     i-1                  Install             InProgress',
    ']',
    `Waiting for ${ID}: 0 of 1 instance installed; Install is running o`,
    `[Install on the green fleet (${ID}) · continued`,
    '12:00:03  green     i-1                  Install             InProgress',
    ']',
    `The blue fleet is waiting to be terminated (${ID}): the blue fleet`
  ])
})

test.each([
  ['BLUE_GREEN', 1],
  ['IN_PLACE', 0]
] as const)('%s: green and blue are explained %d times', (style, times) => {
  const { log, lines } = writing()
  log.started({ deployment: deployment({ style }), attached: false })
  log.stopping(deployment({ style }))
  log.started({ deployment: deployment({ style }), attached: true })
  expect(lines.filter((line) => line.startsWith('Green is the fleet'))).toHaveLength(times)
})
