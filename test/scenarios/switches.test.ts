import { expect, test } from '@jest/globals'
import { defaultSwitches, type Switches } from '../cloud/contract.js'
import { commitOf } from './app.js'
import { openScriptedStage, readable } from './stage.js'

/** Every position other than the default. */
const POSITIONS: Partial<Switches>[] = [
  { blueTargetsAppear: 'from-start' },
  { trafficOrder: 'interleaved' },
  { blueTargetsAppear: 'from-start', trafficOrder: 'interleaved' },
  { notStarted: 'empty-list' },
  { readyBlink: 'once' },
  { terminationFlag: 'stays-false' },
  { terminationFlag: 'stays-false', blueTargetsAppear: 'from-start', overviewCountsBlue: 'yes' },
  { overviewCountsBlue: 'yes' },
  { autoscalingLocks: 'yes' },
  { greenGroupNamed: 'at-the-end' },
  { subject: 'names-and-ids' }
]

test.each(POSITIONS.map((position) => [JSON.stringify(position), position] as const))(
  'with the service behaving as %s, two deployments succeed and report their outcomes',
  async (_, switches) => {
    const stage = await openScriptedStage({
      switches: { ...defaultSwitches, ...switches },
      terminationWait: 60,
      script: { bootSeconds: 60, eventSeconds: 20 }
    })
    try {
      expect((await stage.deploy('v1')).code).toBe(0)
      const run = await stage.deploy('v2', { inputs: { 'end-termination-wait': 'true' } })
      const log = readable(run)
      expect(run.code).toBe(0)
      expect(run.outputs).toMatchObject({
        status: 'succeeded',
        'previous-commit': commitOf('v1'),
        'live-commit': commitOf('v2')
      })
      expect(log).toContain('traffic: green 2/2 · blue 0/2')
      expect(log).toContain('The blue fleet keeps running until')
      expect(log.match(/^::group::Shift the traffic/gm)).toHaveLength(1)
      expect(stage.cloud.planes.inspect.deployments()[1]?.status).toBe('InProgress')
    } finally {
      await stage.close()
    }
  }
)
