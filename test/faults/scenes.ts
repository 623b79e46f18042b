import type { Timeouts } from '../../src/edge/client-config.js'
import { policyOf, rolePolicy } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { scriptFailed } from '../cloud/scripted/script.js'
import type { StartOptions } from '../cloud/start.js'
import { cleanUp, leaveFleet } from './cleanup-scenes.js'
import { changeGroup, setUpAnother, setUpFirst } from './setup-scenes.js'
import { createLogsDocument } from '../scenarios/logs-document.js'
import type { Place } from './place.js'
import type { Told } from './world.js'

/** One path through the action: the state before it, and the run in which calls fail. */
export interface Scene {
  name: string
  options: StartOptions
  /** Whether all its calls are crossed with all faults, or only those that no earlier scene makes. */
  crosses: 'all' | 'new'
  /** Brings the group into the state before the run. Nothing fails here. */
  prepare(place: Place): Promise<void>
  /** The run, and the commit that must be live after it. */
  play(place: Place, timeouts: Partial<Timeouts>): Promise<Told & { commit: string }>
  /** It cannot succeed, whatever else fails. */
  isDoomed?: boolean
  /** It waits so long that the run asks why. */
  waitsLong?: boolean
  /** It compares the copied Auto Scaling group with its source. */
  compares?: boolean
}

const SHORT: StartOptions = {}
/** Long enough that a run delayed by faults still finds the deployment waiting. */
const WAITING: StartOptions = { terminationWait: 30 }

/** Runs `check` with its documented policy. It has succeeded if it has said something of each read, if only that it failed. */
const checkGroup = async (place: Place, timeouts: Partial<Timeouts>): Promise<Told> => {
  const { role } = place.cloud
  const before = role.policy
  role.policy = policyOf(PLACE, 'check-policy.json')
  const told = await place.run({ timeouts, inputs: { command: 'check', 'poll-seconds': '' } })
  role.policy = before
  const isWhole = ['Deployment group', 'Bucket'].every((area) => told.outputs['check']?.includes(area))
  return {
    ...told,
    outputs: { ...told.outputs, status: told.code === 0 && isWhole ? 'succeeded' : 'failed' }
  }
}

const nothing = (): Promise<void> => Promise.resolve()

/** The commit that was live before the newest one. */
const goneBefore = new WeakMap<Place, string>()

const deployTwo = async (place: Place): Promise<void> => {
  goneBefore.set(place, (await place.deploy()).commit)
  await place.settle()
  await place.deploy()
}

/** The places where the huge tree is live: each run deploys it again. */
const huge = new WeakSet<Place>()

const deployHuge = async (place: Place): Promise<void> => {
  if (huge.has(place)) return
  await place.deploy({ tree: 'huge' })
  await place.settle()
  huge.add(place)
}

/** Two commits that take turns: each run goes back to the one that is not live. */
const pairs = new WeakMap<Place, [string, string]>()

const deployTwice = async (place: Place): Promise<void> => {
  if (pairs.has(place)) return
  const { commit: one } = await place.deploy()
  await place.settle()
  const { commit: other } = await place.deploy()
  await place.settle()
  pairs.set(place, [one, other])
}

const otherThanLive = (place: Place): string =>
  pairs.get(place)?.find((commit) => !place.liveKey().includes(commit)) ?? ''

const before = (place: Place): string => goneBefore.get(place) ?? ''

/** A fleet that cannot be launched for four minutes, and then boots slowly; requests on the old one last for the whole delay. */
const deployIntoTrouble = async (
  place: Place,
  timeouts: Partial<Timeouts>
): Promise<Told & { commit: string }> => {
  const { clock, role, switches } = place.cloud
  role.policy = rolePolicy(PLACE, 'optional-target-health.json', 'optional-waiting-reasons.json')
  switches.newFleet = 'not-allowed'
  void clock.sleep(4 * 60_000).then(() => (switches.newFleet = 'slow-boot'))
  return place.deploy({ timeouts })
}

/** A run that may compare the copied Auto Scaling group with its source, while that waits to be terminated. */
const deployAndCompare = (place: Place, timeouts: Partial<Timeouts>): Promise<Told & { commit: string }> => {
  place.cloud.role.policy = rolePolicy(PLACE, 'optional-copy.json')
  return place.deploy({ timeouts, inputs: { 'end-termination-wait': 'true' } })
}

/** Whether the scripts of the instances fail now. */
let isBroken = false

const BREAKABLE: StartOptions = {
  script: {
    eventSeconds: 2,
    event: ({ event }) =>
      isBroken && event === 'AfterInstall'
        ? { failure: scriptFailed(event, 'scripts/install.sh') }
        : undefined,
    shell: () => ({ stdout: 'scripts: no space left\n' })
  }
}

/** The places whose SSM knows the document. */
const documented = new WeakSet<Place>()

/** A hook fails, and the inputs ask for what the instance itself says. */
const failWithLogs = async (
  place: Place,
  timeouts: Partial<Timeouts>
): Promise<Told & { commit: string }> => {
  const { planes, role } = place.cloud
  if (!documented.has(place)) createLogsDocument(planes)
  documented.add(place)
  role.policy = rolePolicy(PLACE, 'optional-instance-logs.json', 'optional-instance-console.json')
  isBroken = true
  try {
    return await place.deploy({ timeouts, inputs: { 'instance-logs': 'ssm, console' } })
  } finally {
    isBroken = false
  }
}

const failingDeploy = async (place: Place): Promise<Told & { commit: string }> => {
  isBroken = true
  try {
    return await place.deploy()
  } finally {
    isBroken = false
  }
}

/** Every scene, in such an order that each one makes calls that the earlier ones do not. */
export const SCENES: readonly Scene[] = [
  {
    ...{ name: 'deploy', options: SHORT, crosses: 'all', prepare: nothing },
    play: (place, timeouts) => place.deploy({ timeouts })
  },
  {
    ...{ name: 'copy of the live tree', options: SHORT, crosses: 'new', prepare: nothing },
    play: (place, timeouts) => place.deploy({ timeouts, tree: 'live' })
  },
  {
    ...{ name: 'bundle in parts', options: SHORT, crosses: 'new', prepare: nothing },
    play: (place, timeouts) => place.deploy({ timeouts, tree: 'large' })
  },
  {
    ...{ name: 'parts given up', options: SHORT, crosses: 'new', prepare: nothing, isDoomed: true },
    play: (place, timeouts) => {
      place.cloud.faults.add('UploadPart:access-denied:forever')
      return place.deploy({ timeouts, tree: 'large' })
    }
  },
  {
    ...{ name: 'copy of a large live tree', options: SHORT, crosses: 'new', prepare: deployHuge },
    play: (place, timeouts) => place.deploy({ timeouts, tree: 'huge' })
  },
  {
    ...{ name: 'credentials of the job', options: SHORT, crosses: 'new', prepare: nothing },
    play: (place, timeouts) => place.deploy({ timeouts, inputs: { 'role-to-assume': '' }, keys: true })
  },
  {
    ...{ name: 'rollback', options: SHORT, crosses: 'all', prepare: deployTwice },
    play: async (place, timeouts) => {
      const commit = otherThanLive(place)
      return { ...(await place.rollback(commit.slice(0, 12), { timeouts })), commit }
    }
  },
  {
    ...{ name: 'rollback within seconds', options: WAITING, crosses: 'new', prepare: deployTwo },
    play: async (place, timeouts) => ({
      ...(await place.rollback('previous', { timeouts })),
      commit: before(place)
    })
  },
  {
    ...{ name: 'an end to the termination wait', options: WAITING, crosses: 'new', prepare: deployTwo },
    play: (place, timeouts) => place.deploy({ timeouts, inputs: { 'end-termination-wait': 'true' } })
  },
  {
    ...{ name: 'a fleet in trouble', crosses: 'new', prepare: nothing, waitsLong: true },
    options: { balancing: { drain: 'for-the-delay' } },
    play: deployIntoTrouble
  },
  {
    ...{ name: 'a copied group', options: WAITING, crosses: 'new', prepare: nothing, compares: true },
    play: deployAndCompare
  },
  {
    ...{
      name: 'a failure with its logs',
      options: BREAKABLE,
      crosses: 'new',
      prepare: nothing,
      isDoomed: true
    },
    play: failWithLogs
  },
  {
    ...{ name: 'a new deployment group', options: SHORT, crosses: 'new', prepare: nothing },
    play: (place, timeouts) => setUpAnother(place, timeouts)
  },
  {
    ...{ name: 'a changed deployment group', options: SHORT, crosses: 'new', prepare: setUpFirst },
    play: async (place, timeouts) => changeGroup(place, timeouts)
  },
  {
    ...{ name: 'a cleanup', options: BREAKABLE, crosses: 'new' },
    prepare: (place) => leaveFleet(place, () => failingDeploy(place)),
    play: (place, timeouts) => cleanUp(place, timeouts)
  },
  {
    ...{ name: 'check', options: SHORT, crosses: 'new', prepare: nothing },
    play: async (place, timeouts) => ({ ...(await checkGroup(place, timeouts)), commit: '' })
  }
]
