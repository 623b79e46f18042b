import { expect, test } from '@jest/globals'
import { nothingTold, tallies } from '../../src/domain/tally.js'
import { at } from '../fakes/clock.js'
import { writing } from '../fakes/log.js'
import { blocked, deployment, events, green, ID, INSTALL, served, target } from '../fakes/nouns.js'

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
    changedAt: at(300).getTime(),
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

test('of a large fleet, details are written with debug logging only, and a cause in full once after all lines of its look', () => {
  const { log, lines, details } = writing({ source: 'app' })
  const running = deployment()
  const fleet = Array.from({ length: 30 }, (_, index) =>
    target(`i-${index}`, 'green', [
      ...events(INSTALL.slice(0, 5)),
      ...events(['ValidateService'], 10, [index < 20 ? 'Failed' : 'Succeeded'])
    ])
  )
  const told = nothingTold()
  const look = { targets: fleet, isWhole: true, isLast: false }
  log.tell({ kind: 'phase', phase: 'install', deployment: running, targets: fleet })
  for (const one of fleet)
    for (const event of one.events)
      log.tell({
        kind: 'change',
        change: { target: one, event },
        deployment: running,
        isDetail: true
      })
  log.tell({ kind: 'tallies', tallies: tallies(told, look), deployment: running })
  expect(details).toHaveLength(30 * 6)
  expect(lines.slice(0, 10).map((line) => line.slice(0, 72).trimEnd())).toEqual([
    `[Install on the green fleet (${ID})`,
    ...INSTALL.slice(0, 5).map((name) => expect.stringContaining(`30 of 30             ${name}`)),
    expect.stringContaining('10 of 30             ValidateService     Succeeded'),
    expect.stringContaining('20 of 30             ValidateService     Failed'),
    ']',
    '✗ ValidateService failed on i-0 and 19 more instances (green)'
  ])
  expect(lines.filter((line) => /^(✗|error)/.test(line))).toEqual([
    '✗ ValidateService failed on i-0 and 19 more instances (green)',
    'error: ValidateService failed on i-0 and 19 more instances (green)'
  ])
  log.tell({ kind: 'tallies', tallies: tallies(told, look), deployment: running })
  expect(lines.filter((line) => line.startsWith('✗'))).toHaveLength(1)
})

test('failures of a large fleet that is stopped on purpose are lines like others', () => {
  const { log, lines } = writing()
  const running = deployment()
  const targets = Array.from({ length: 30 }, (_, index) => green(`i-${index}`, 3, 'Failed'))
  log.stopping(running)
  const look = { targets, isWhole: true, isLast: false }
  log.tell({ kind: 'tallies', tallies: tallies(nothingTold(), look), deployment: running })
  expect(lines.some((line) => line.includes('30 of 30             Install             Failed'))).toBe(true)
  expect(lines.filter((line) => line.startsWith('✗'))).toEqual([])
})
