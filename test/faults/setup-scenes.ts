import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Timeouts } from '../../src/edge/client-config.js'
import { administratorPolicy } from '../cloud/identity/policy.js'
import { PLACE } from '../cloud/parts.js'
import { setupInputs } from '../scenarios/setup-file.js'
import type { Place } from './place.js'
import type { Told } from './world.js'

type Ended = Told & { commit: string }

/** Each run sets up a group of another name, with a configuration of its own. */
let groups = 0
/** Minutes that the group keeps its old fleet; each run changes them. */
let minutes = 0

const CALLER = { arn: `arn:aws:iam::${PLACE.accountId}:root`, accountId: PLACE.accountId }

/** Runs `setup`. It has succeeded only if the cloud then has the group, with these minutes. */
const setUp = async (
  place: Place,
  { application, keep, ...changes }: Record<string, string> & { application: string; keep: string },
  timeouts: Partial<Timeouts>
): Promise<Ended> => {
  const { role, planes, env } = place.cloud
  const [before, scratch] = [role.policy, mkdtempSync(join(tmpdir(), 'setup-'))]
  role.policy = administratorPolicy
  const inputs = setupInputs({ scratch }, { application, 'keep-old-fleet': `${keep}m`, ...changes })
  const told = await place.run({
    timeouts,
    inputs: { ...inputs, 'dry-run': 'false' },
    env: { ...env, GITHUB_WORKSPACE: scratch }
  })
  role.policy = before
  const asked = { applicationName: application, deploymentGroupName: PLACE.deploymentGroup }
  // It throws at once when there is no such group.
  const found = await Promise.resolve()
    .then(() => planes.codedeploy['GetDeploymentGroup']?.(asked, CALLER))
    .catch(() => '')
  const isThere = JSON.stringify(found).includes(`"terminationWaitTimeInMinutes":${keep}`)
  const status = told.code === 0 && isThere ? 'succeeded' : 'failed'
  return { ...told, outputs: { ...told.outputs, status }, commit: '' }
}

const fleetOf = (name: string): string =>
  `{ name: ${name}, create: { launch-template: example, subnets: [subnet-1], min: 1, max: 1 } }`

export const setUpAnother = (place: Place, timeouts: Partial<Timeouts>): Promise<Ended> => {
  const application = `Another${++groups}`
  const traffic = `{ minimum-healthy-hosts: ${groups} }`
  return setUp(
    place,
    { application, keep: '7', traffic, 'auto-scaling-group': fleetOf(`another-${groups}`) },
    timeouts
  )
}

export const setUpFirst = async (place: Place): Promise<void> => {
  await setUp(place, { application: 'First', keep: '1', 'auto-scaling-group': fleetOf('first') }, {})
}

export const changeGroup = (place: Place, timeouts: Partial<Timeouts>): Promise<Ended> =>
  setUp(
    place,
    { application: 'First', keep: String(2 + (++minutes % 1000)), 'auto-scaling-group': fleetOf('first') },
    timeouts
  )
