import { expect, test } from '@jest/globals'
import { openScriptedStage } from './stage.js'

/** Calls to CodeDeploy in each poll of the deployment, after it was created. */
const callsPerLook = (operations: readonly string[]): number[] => {
  const watching = operations.slice(operations.lastIndexOf('CreateDeployment') + 1)
  const counts: number[] = []
  for (const operation of watching) {
    if (operation === 'GetDeployment') counts.push(0)
    if (counts.length > 0) counts.push((counts.pop() ?? 0) + 1)
  }
  return counts
}

test.each([
  [2, 3],
  [10, 3],
  [25, 4],
  [200, 11]
])('%i instances are watched with at most %i calls per poll', async (instances, most) => {
  const stage = await openScriptedStage({ instances, script: { bootSeconds: 60, eventSeconds: 60 } })
  try {
    const run = await stage.deploy('v1')
    expect(run.code).toBe(0)
    const codedeploy = stage.cloud.requests.filter(({ service }) => service === 'codedeploy')
    const counts = callsPerLook(codedeploy.map(({ operation }) => operation))
    expect(counts.length).toBeGreaterThan(4)
    expect(Math.max(...counts)).toBeLessThanOrEqual(most)
    expect(run.log.match(/AfterAllowTraffic +\S*Succeeded/g)).toHaveLength(instances)
  } finally {
    await stage.close()
  }
})
