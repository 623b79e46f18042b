import { describe, expect, test } from '@jest/globals'
import type { Outcome } from '../../src/domain/deployment.js'
import type { Live } from '../../src/domain/live.js'
import { greenLine, servingWarning, terminationWarning } from '../../src/report/green-fleet.js'
import { phaseHeading } from '../../src/report/lines.js'
import { otherCommand, otherSentence } from '../../src/report/live.js'
import { leftoverGroup } from '../../src/report/orphans.js'
import { deployText } from '../../src/report/plan-words.js'
import { blueEnd } from '../../src/report/traffic.js'
import { waitLine } from '../../src/report/waits.js'
import { wayOnLines } from '../../src/report/way-on.js'
import { at } from '../fakes/clock.js'
import { blocked, deployment, fixedGroup, fleet, served, tagged, waits } from '../fakes/nouns.js'
import { timesAt } from '../fakes/times.js'

const [BLUE, GREEN] = [fleet('blue-fleet'), fleet('green-fleet')]
const KEPT = waits({ blueAction: 'KEEP_ALIVE', terminationMinutes: 0 })
const TERMINATES = { waits: waits({ blueAction: 'TERMINATE' }) }
const its = (members = {}) =>
  deployment({ fixedGreen: [GREEN], greenAutoScalingGroup: 'green-fleet', waits: KEPT, ...members })

describe('where a deployment to fixed fleets goes', () => {
  test('with what becomes of blue', () => {
    expect(greenLine({ green: GREEN, blue: [BLUE], instances: ['i-1'] }, fixedGroup())).toBe(
      'Green fleet: green-fleet (1 instance in service); blue fleet: blue-fleet, kept after the deployment'
    )
    expect(greenLine({ green: tagged('Name=a', 'b=c'), blue: [BLUE, GREEN] }, fixedGroup(TERMINATES))).toBe(
      'Green fleet: Name=a, b=c; blue fleet: blue-fleet and green-fleet, terminated after the deployment'
    )
  })

  test('warns of a group that terminates blue', () => {
    expect(terminationWarning(fixedGroup())).toBeUndefined()
    expect(terminationWarning(fixedGroup(TERMINATES))).toMatch(
      /^shop\/web terminates blue .*will have no instances left, .* no fleet to go to\. Set .* KEEP_ALIVE/
    )
  })

  test('warns of visitors on green', () => {
    expect(servingWarning(GREEN, [])).toBeUndefined()
    expect(servingWarning(GREEN, ['i-1'])).toMatch(/^i-1 of green-fleet takes requests .* deregister it from/)
    expect(servingWarning(GREEN, ['i-1', 'i-2'])).toMatch(
      /^i-1, i-2 of green-fleet take requests .* deregister them/
    )
  })

  test('in a plan', () => {
    const live: Live = { kind: 'unknown', reason: 'x', evidence: { from: 'deployments' } }
    expect(deployText(fixedGroup(), live)).toBe(
      'installs on the fixed fleet that does not serve (`blue-fleet` is blue), moves the traffic (`CodeDeployDefault.AllAtOnce`), and keeps the old instances'
    )
  })
})

describe('a fixed fleet is not something to delete', () => {
  const failed = its({ status: 'Failed' })
  const outcome = (members = {}): Outcome => ({
    name: 'succeeded',
    deployment: its({ status: 'Succeeded' }),
    targets: [served('i-1'), blocked('i-2')],
    blueStillAlive: false,
    ...members
  })

  test('after a failure', () => {
    const ending = outcome({ name: 'failed', deployment: failed })
    expect(leftoverGroup({ ending, referencedGroups: ['blue-fleet'] })).toBeUndefined()
    const part = { deployment: failed, instances: ['i-1'] }
    expect(otherCommand(part, fixedGroup(), 'eu-west-1')).toBeUndefined()
    expect(otherSentence(part, fixedGroup())).toContain('deregister the instances that should not serve')
  })

  test('after a success', () => {
    expect(blueEnd(outcome(), timesAt(at(0)))).toEqual([
      'The blue fleet is kept running, out of service. The next deployment goes to it, and so does a rollback.'
    ])
  })
})

describe('while it runs', () => {
  test('nothing is provisioned', () => {
    expect(phaseHeading('provision', its())).toBe('Contact the green fleet')
    expect(waitLine(its(), [], timesAt(at(60)))).toBe('the instances have not answered yet')
    const blueIsOut = [served('i-1'), blocked('i-2')]
    expect(waitLine(its(), blueIsOut, timesAt(at(60)))).toBe('the blue fleet is kept running, out of service')
  })

  test('a long silence names the Auto Scaling group, if there is one', () => {
    const lines = (members: object): string[] =>
      wayOnLines(
        {
          deployment: its(members),
          targets: [],
          since: at(0).getTime(),
          until: at(0).getTime(),
          changedAt: at(0).getTime()
        },
        { now: at(700) },
        'eu-west-1'
      )
    expect(lines({})[1]).toContain('--auto-scaling-group-name green-fleet')
    const byTags = lines({ greenAutoScalingGroup: undefined, fixedGreen: [tagged('Name=green')] })
    expect(byTags).toHaveLength(2)
    expect(byTags[1]).toContain('stop-deployment')
  })
})
