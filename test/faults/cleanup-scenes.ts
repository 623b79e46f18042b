import type { Timeouts } from '../../src/edge/client-config.js'
import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import type { Place } from './place.js'
import type { Told } from './world.js'

/** The fleet that a failed deployment left behind, by the place where it failed. */
const left = new WeakMap<Place, string>()

/** Deploys with `fail`, whose deployment fails, and remembers its fleet. */
export const leaveFleet = async (
  place: Place,
  fail: () => Promise<Told & { commit: string }>
): Promise<void> => {
  if (left.has(place)) return
  const { outputs } = await fail()
  await place.settle()
  left.set(place, `CodeDeploy_${PLACE.deploymentGroup}_${outputs['deployment-id'] ?? ''}`)
}

const FOLDER = `codedeploy/${PLACE.application}/`
const bundleOf = (digit: string): string => `${FOLDER}${digit.repeat(40)}-0123456789ab.zip`

/** Puts back what an earlier run of the scene deleted: the fleet, an old upload, and an old bundle. */
const putBack = ({ cloud, clock }: Place, name: string): void => {
  const { fleets } = cloud.planes.inspect
  const value = name.split('_').at(-1) ?? ''
  const tags = [{ key: 'CodeDeployProvisioningDeploymentId', value, propagate: true }]
  const model = fleets.all().find((group) => group.status === undefined)
  if (fleets.find(name) === undefined && model !== undefined)
    fleets.create({ ...model, name, tags, min: 0, max: 2, desired: 0, targetGroupArns: [] })
  const bucket = cloud.store.buckets.get(PLACE.bucket)
  const old = clock.now() - 3 * 24 * 60 * 60 * 1000
  const [known] = [...(bucket?.objects.values() ?? [])].flat()
  const key = bundleOf('a')
  if (known !== undefined) bucket?.objects.set(key, [{ ...known, key, deleteMarker: false, modified: old }])
  bucket?.uploads.set('old', {
    ...{ id: 'old', key: bundleOf('b'), started: old, headers: {}, tags: [] },
    ...{ checksumType: 'FULL_OBJECT', parts: new Map() }
  })
}

/** Cleans up. It has succeeded only if what was left behind is gone, and everything else is there. */
export const cleanUp = async (
  place: Place,
  timeouts: Partial<Timeouts>
): Promise<Told & { commit: string }> => {
  const name = left.get(place) ?? ''
  putBack(place, name)
  const { role, planes, store } = place.cloud
  const { fleets } = planes.inspect
  const others = fleets.all().filter((one) => one.name !== name && one.status === undefined)
  const before = role.policy
  role.policy = policyOf(PLACE, 'cleanup-policy.json')
  const told = await place.run({
    timeouts,
    inputs: { command: 'cleanup', 'poll-seconds': '', 'dry-run': 'false', 'keep-bundles': '100' }
  })
  role.policy = before
  const bucket = store.buckets.get(PLACE.bucket)
  const isGone =
    fleets.all().every((one) => one.name !== name || one.status !== undefined) &&
    bucket?.uploads.has('old') === false &&
    bucket.objects.get(bundleOf('a'))?.[0]?.deleteMarker !== false
  const isHarmless = others.every((one) => one.status === undefined && fleets.find(one.name) === one)
  const status = told.code === 0 && isGone && isHarmless ? 'succeeded' : 'failed'
  return { ...told, outputs: { ...told.outputs, status }, commit: '' }
}
