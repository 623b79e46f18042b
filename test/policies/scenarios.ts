import type { ActionRun } from '../action/run.js'
import { keyOf, type RoleDocument } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { scriptFailed } from '../cloud/scripted/script.js'
import type { StartOptions } from '../cloud/start.js'
import { commitOf } from '../scenarios/app.js'
import { setupInputs } from '../scenarios/setup-file.js'
import { createLogsDocument } from '../scenarios/logs-document.js'
import { knownCommit, openPull, seedPreviewGroup } from '../scenarios/pulls.js'
import type { Stage } from '../scenarios/stage.js'
import { PREVIEW_SCENARIOS } from './preview-scenarios.js'

/** Something that users do. It throws unless it ends as it does with every permission. */
export interface Scenario {
  name: string
  options?: StartOptions
  /** How many times faster time runs, for one that waits long. */
  fast?: number
  /** The file of docs/iam that is its role's policy (default: action-policy.json). */
  role?: RoleDocument
  /** The files that its role has in addition to the policy. */
  optional?: readonly string[]
  /** What another role, which may do everything, has done before. */
  before?(stage: Stage): Promise<void>
  play(stage: Stage): Promise<void>
}

/** How many times faster time runs in a scenario that waits. */
const SPEED = 60

const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

const good = (run: ActionRun): ActionRun => {
  must(run.code === 0, `exit code ${run.code}`)
  return run
}

const says = (run: ActionRun, words: string): void =>
  must(run.log.includes(words), `no "${words}" in the log`)

/** Nothing that it may not read made the run do without a check. */
const unhindered = (run: ActionRun): ActionRun => {
  must(!/cannot be (read|checked)/.test(run.log), 'something cannot be read or checked')
  return run
}

/** More than one part, and more than S3 copies in one request; stored zeros cost little. */
const LARGE = 65 * 1024 ** 2

const deployLarge = (stage: Stage, commit: string, inputs: Record<string, string> = {}) =>
  stage.deploy('large', {
    commit: commitOf(commit),
    changes: { zeros: '\0'.repeat(LARGE) },
    inputs: { 'compression-level': '0', ...inputs }
  })

/** v2 replaced v1, whose fleet is gone. */
const deployTwo = async (stage: Stage): Promise<void> => {
  for (const version of ['v1', 'v2'])
    good(await stage.deploy(version, { inputs: { 'wait-for': 'complete' } }))
}

const unfinishedUploads = (stage: Stage): number =>
  stage.cloud.store.buckets.get(PLACE.bucket)?.uploads.size ?? 0

/** How many real seconds an install takes: long enough for the next run to find the deployment. */
const busyFor = (seconds: number): StartOptions => ({
  timeScale: 500,
  script: { event: ({ event }) => ({ seconds: event === 'Install' ? seconds * 500 : 30 }) }
})

/** Every deployment fails on servers that have something to say. */
const FAILING: StartOptions = {
  script: {
    event: ({ event }) =>
      event === 'ValidateService' ? { failure: scriptFailed(event, 'scripts/validate.sh') } : undefined,
    shell: () => ({ stdout: 'scripts: [stderr]no answer\n' }),
    console: () => 'no room on /dev/nvme0n1'
  }
}

/** The third version fails on every server. */
const FAILING_THIRD: StartOptions = {
  script: {
    event: ({ event, revision }) =>
      event === 'AfterInstall' && revision.key.includes(commitOf('v3'))
        ? { failure: scriptFailed(event, 'scripts/install.sh') }
        : undefined
  }
}

/** Makes what is stored three days older, with an upload of this name that was never completed. */
const ageEverything = ({ cloud }: Stage, name: string): void => {
  const bucket = cloud.store.buckets.get(PLACE.bucket)
  const then = Date.now() - 3 * 24 * 60 * 60 * 1000
  for (const versions of bucket?.objects.values() ?? []) for (const one of versions) one.modified = then
  const [id, key] = ['upload', `codedeploy/${PLACE.application}/${name}`]
  const rest = { headers: {}, tags: [], checksumType: 'FULL_OBJECT' as const, parts: new Map() }
  bucket?.uploads.set(id, { id, key, started: then, ...rest })
}

const startOnly = { inputs: { 'wait-for': 'none' } }

/** Sends a canceled job's signal as soon as the log shows the deployment running. */
const canceled = (stage: Stage): Promise<ActionRun> => {
  let log = ''
  let sent = false
  return stage.deploy('v1', {
    onLog: (text, child) => {
      log += text
      if (sent || !log.includes('Install')) return
      sent = true
      child.kill('SIGINT')
    }
  })
}

/** Runs `setup`, which is to make its changes. */
const setUp = (stage: Stage, changes: Record<string, string>): Promise<ActionRun> =>
  stage.run({
    inputs: { ...setupInputs(stage, changes), 'dry-run': 'false' },
    env: { GITHUB_WORKSPACE: stage.scratch }
  })

export const SCENARIOS: readonly Scenario[] = [
  ...PREVIEW_SCENARIOS,
  {
    name: 'set up a group in an empty account, and change it',
    role: 'setup-policy.json',
    options: { empty: true },
    play: async (stage) => {
      good(await setUp(stage, { traffic: '{ minimum-healthy-hosts: 50% }' }))
      says(good(await setUp(stage, { 'keep-old-fleet': '3h' })), 'keep-old-fleet: 2 h')
    }
  },
  {
    name: 'be told why the first instances do not start',
    role: 'setup-policy.json',
    fast: SPEED,
    options: { empty: true },
    play: async (stage) => {
      const { switches } = stage.cloud
      switches.newFleet = 'no-capacity'
      let log = ''
      const run = await stage.run({
        inputs: { ...setupInputs(stage), 'dry-run': 'false' },
        env: { GITHUB_WORKSPACE: stage.scratch },
        onLog: (text) => {
          log += text
          if (log.includes('are in service.')) switches.newFleet = 'works'
        }
      })
      says(good(run), 'Auto Scaling says: We currently do not have sufficient')
    }
  },
  {
    name: 'delete the fleet of a failed deployment, an unfinished upload, and a bundle that nothing needs',
    role: 'cleanup-policy.json',
    options: { terminationWait: 0, ...FAILING_THIRD },
    before: async (stage) => {
      await deployTwo(stage)
      must((await stage.deploy('v3')).code !== 0, 'the third version was deployed')
      ageEverything(stage, `${commitOf('v4')}-0123456789ab.zip`)
    },
    play: async (stage) => {
      const inputs = { command: 'cleanup', 'poll-seconds': '', 'dry-run': 'false', 'keep-bundles': '1' }
      says(good(await stage.run({ inputs })), '3 of 3 deleted')
    }
  },
  {
    name: 'delete the fleet that a failed deployment left behind',
    options: { terminationWait: 0, ...FAILING_THIRD },
    optional: [
      'optional-delete-left-over.json',
      'optional-target-health.json',
      'optional-waiting-reasons.json'
    ],
    play: async (stage) => {
      good(await stage.deploy('v1'))
      const run = await stage.deploy('v3', { inputs: { 'delete-left-over': 'true' } })
      must(run.code === 1, 'the third version was deployed')
      says(run, 'Deleted the Auto Scaling group')
    }
  },
  {
    name: 'deploy',
    play: async (stage) => {
      good(await stage.deploy('v1'))
    }
  },
  {
    name: 'deploy in place',
    options: { inPlace: true },
    play: async (stage) => {
      good(await stage.deploy('v1'))
    }
  },
  {
    name: 'deploy a large bundle, whose first upload is aborted, and copy it for the next commit',
    options: { faults: ['CompleteMultipartUpload:conflict-409'] },
    play: async (stage) => {
      good(await deployLarge(stage, 'one'))
      must(unfinishedUploads(stage) === 0, 'the parts of the first upload are left in the bucket')
      says(good(await deployLarge(stage, 'two')), 'copied by S3')
    }
  },
  {
    name: 'copy an identical tree from the live bundle',
    play: async (stage) => {
      good(await stage.deploy('v1'))
      says(good(await stage.deploy('v1', { commit: commitOf('the same tree') })), 'copied by S3')
    }
  },
  {
    name: 'wait for the deployment that holds the group',
    options: busyFor(5),
    play: async (stage) => {
      await stage.deploy('v1', startOnly)
      says(good(await stage.deploy('v2')), 'has held ExampleApp/ExampleGroup')
    }
  },
  {
    name: 'supersede it',
    options: busyFor(60),
    play: async (stage) => {
      await stage.deploy('v1', startOnly)
      says(good(await stage.deploy('v2', { inputs: { 'on-conflict': 'supersede' } })), 'Stopping d-')
    }
  },
  {
    name: 'end its termination wait',
    options: { terminationWait: 600 },
    play: async (stage) => {
      good(await stage.deploy('v1'))
      good(await stage.deploy('v2', { inputs: { 'end-termination-wait': 'true' } }))
    }
  },
  {
    name: 'cancel a job',
    options: busyFor(60),
    play: async (stage) => {
      const run = await canceled(stage)
      must(run.outputs['status'] === 'stopped', `status ${run.outputs['status'] ?? '?'}`)
    }
  },
  {
    name: 'roll back while the blue fleet is running',
    options: { terminationWait: 0 },
    play: async (stage) => {
      good(await stage.deploy('v1', { inputs: { 'wait-for': 'complete' } }))
      lengthenWait(stage)
      good(await stage.deploy('v2'))
      const run = good(await stage.rollback(commitOf('v1').slice(0, 8)))
      must(run.outputs['rollback-way'] === 'fast', `the way was ${run.outputs['rollback-way'] ?? '?'}`)
    }
  },
  {
    name: 'roll back with a new deployment, to a short commit',
    options: { terminationWait: 0 },
    play: async (stage) => {
      await deployTwo(stage)
      const run = good(await stage.rollback(commitOf('v1').slice(0, 8)))
      must(run.outputs['rollback-way'] === 'redeploy', `the way was ${run.outputs['rollback-way'] ?? '?'}`)
    }
  },
  {
    name: 'list the history and the possible rollbacks with a role that only reads',
    role: 'read-policy.json',
    before: async (stage) => {
      good(await stage.deploy('v1'))
      // Leaves a record, which the list reads.
      good(await stage.deploy('v2'))
      good(await stage.rollback(commitOf('v1')))
    },
    play: async (stage) => {
      says(unhindered(good(await stage.history({ inputs: { 's3-bucket': PLACE.bucket } }))), 'live')
      says(unhindered(good(await stage.rollback(''))), 'Nothing was changed')
    }
  },
  {
    name: 'check a group and its bucket with a role that only checks',
    role: 'check-policy.json',
    options: { seed: { alarms: ['5xx'] } },
    play: async (stage) => {
      const run = good(await stage.run({ inputs: { command: 'check', 'poll-seconds': '' } }))
      must(!run.log.includes('not checked: needs'), 'something is not checked')
    }
  },
  {
    name: 'list a group that was never rolled back with a role that only reads',
    role: 'read-policy.json',
    before: async (stage) => {
      good(await stage.deploy('v1'))
    },
    play: async (stage) => {
      says(unhindered(good(await stage.history({ inputs: { 's3-bucket': PLACE.bucket } }))), 'live')
    }
  },
  {
    name: 'roll back to a stored commit that was never deployed, with a role that only rolls back',
    role: 'rollback-policy.json',
    options: { terminationWait: 0, faults: ['CreateDeployment:access-denied:1:1'] },
    before: async (stage) => {
      good(await stage.deploy('v1', { inputs: { 'wait-for': 'complete' } }))
      must((await stage.deploy('v2')).code !== 0, 'the second version was deployed')
    },
    play: async (stage) => {
      const run = good(await stage.rollback(commitOf('v2')))
      must(run.outputs['live-commit'] === commitOf('v2'), 'it is not live')
    }
  },
  {
    name: 'roll back while the blue fleet is running, with a role that only rolls back',
    role: 'rollback-policy.json',
    options: { terminationWait: 0 },
    before: async (stage) => {
      good(await stage.deploy('v1', { inputs: { 'wait-for': 'complete' } }))
      lengthenWait(stage)
      good(await stage.deploy('v2'))
    },
    play: async (stage) => {
      const run = good(await stage.rollback(commitOf('v1').slice(0, 8)))
      must(run.outputs['rollback-way'] === 'fast', `the way was ${run.outputs['rollback-way'] ?? '?'}`)
    }
  },
  {
    name: 'redeploy with a role that only rolls back, and hold the group',
    role: 'rollback-policy.json',
    options: { terminationWait: 0 },
    before: deployTwo,
    play: async (stage) => {
      const run = unhindered(
        good(await stage.rollback(commitOf('v1').slice(0, 8), { inputs: { hold: 'true' } }))
      )
      must(run.outputs['rollback-way'] === 'redeploy', `the way was ${run.outputs['rollback-way'] ?? '?'}`)
    }
  },
  {
    name: 'end a termination wait with a role that only rolls back',
    role: 'rollback-policy.json',
    options: { terminationWait: 0 },
    before: async (stage) => {
      await deployTwo(stage)
      lengthenWait(stage)
      good(await stage.deploy('v3'))
    },
    play: async (stage) => {
      says(good(await stage.rollback(commitOf('v1'))), 'Ending the termination wait of d-')
    }
  },
  {
    name: 'plan a pull request with a role for pull requests',
    role: 'preview-policy.json',
    before: async (stage) => {
      knownCommit(stage, 'v1')
      good(await stage.deploy('v1'))
      // Leaves a record, which the plan reads.
      good(await stage.deploy('v2'))
      good(await stage.rollback(commitOf('v1')))
    },
    play: (stage) => planned(stage)
  },
  {
    name: 'plan a pull request for a group that was never rolled back',
    role: 'preview-policy.json',
    before: async (stage) => {
      knownCommit(stage, 'v1')
      good(await stage.deploy('v1'))
    },
    play: (stage) => planned(stage)
  },
  {
    name: 'run a large preview, whose first upload is aborted, then the same in the next pull request, and again in the first',
    role: 'preview-policy.json',
    optional: ['optional-running-preview.json'],
    options: { faults: ['CompleteMultipartUpload:conflict-409'] },
    before: async (stage) => {
      knownCommit(stage, 'v1')
      good(await stage.deploy('v1'))
      await seedPreviewGroup(stage)
    },
    play: async (stage) => {
      says(await previewed(stage, 12), 'is live on ExampleApp/ExamplePreview')
      says(await previewed(stage, 13), 'copied by S3')
      // The service knows this revision already.
      says(await previewed(stage, 12), 'already stored')
    }
  },
  {
    name: 'ask the load balancer what is live',
    optional: ['optional-target-health.json'],
    play: async (stage) => {
      good(await stage.deploy('v1'))
      says(good(await stage.history()), 'according to the load balancer')
    }
  },
  {
    name: 'be told what a deployment waits for',
    optional: ['optional-waiting-reasons.json', 'optional-target-health.json'],
    fast: SPEED,
    options: { balancing: { drain: 'for-the-delay' } },
    before: async (stage) => {
      good(await stage.deploy('v1'))
    },
    play: async (stage) => {
      const { switches } = stage.cloud
      switches.newFleet = 'not-allowed'
      let log = ''
      const launched = await stage.deploy('v2', {
        inputs: { 'wait-for-minutes': '20' },
        onLog: (text) => {
          log += text
          if (log.includes('lacks iam:PassRole') && log.includes('instances in service'))
            switches.newFleet = 'slow-boot'
        }
      })
      says(good(launched), 'status checks initializing')
      says(launched, 'deregistration delay 300 s')
    }
  },
  {
    name: 'be told what the copy of the Auto Scaling group lost',
    optional: ['optional-copy.json'],
    options: { terminationWait: 600 },
    play: async (stage) => {
      for (const { extras } of stage.cloud.planes.inspect.fleets.all()) extras.metrics.add('GroupMaxSize')
      says(good(await stage.deploy('v1')), 'metrics collection: GroupMaxSize')
    }
  },
  {
    name: 'roll back by a new deployment while an alarm of the group is active',
    options: { terminationWait: 0, seed: { alarms: ['5xx'] } },
    optional: ['optional-alarm-override.json'],
    play: async (stage) => {
      await deployTwo(stage)
      stage.cloud.planes.inspect.alarms.set('5xx', 'ALARM')
      good(await stage.rollback('previous'))
    }
  },
  {
    name: 'be warned of an alarm that may stop a rollback',
    options: { terminationWait: 0, seed: { alarms: ['5xx'] } },
    optional: ['optional-alarm-states.json'],
    play: async (stage) => {
      await deployTwo(stage)
      says(good(await stage.rollback('previous')), 'None is in ALARM now')
    }
  },
  {
    name: 'read the logs of an instance that failed',
    options: FAILING,
    optional: ['optional-instance-logs.json'],
    play: async (stage) => {
      createLogsDocument(stage.cloud.planes)
      says(await stage.deploy('v1', { inputs: { 'instance-logs': 'ssm' } }), '[stderr]no answer')
    }
  },
  {
    name: 'read the console of an instance that failed',
    options: FAILING,
    optional: ['optional-instance-console.json'],
    play: async (stage) => {
      says(await stage.deploy('v1', { inputs: { 'instance-logs': 'console' } }), 'no room on /dev/nvme0n1')
    }
  },
  {
    name: 'tag the bundle',
    optional: ['optional-object-tags.json'],
    play: async (stage) => {
      good(await stage.deploy('v1', { inputs: { 'object-tags': 'team=web' } }))
    }
  },
  {
    name: 'encrypt a large bundle with a KMS key and copy it',
    optional: ['optional-kms-key.json'],
    play: async (stage) => {
      const inputs = { 'kms-key-id': keyOf(PLACE) }
      good(await deployLarge(stage, 'one', inputs))
      says(good(await deployLarge(stage, 'two', inputs)), 'copied by S3')
    }
  }
]

/** Everything that a plan shows is known. */
const planned = async (stage: Stage): Promise<void> => {
  const pull = openPull(stage, 12, { bare: true })
  await pull.push('v3')
  const run = unhindered(good(await pull.on('opened')))
  must(!/not known|unknown/.test(run.log), 'something of the plan is not known')
}

const previewed = async (stage: Stage, number: number): Promise<ActionRun> => {
  const pull = openPull(stage, number, { bare: true })
  await pull.push('large', { zeros: '\0'.repeat(LARGE) })
  return unhindered(
    good(
      await pull.on('opened', {
        inputs: { 'preview-deployment-group-name': PLACE.previewGroup, 'compression-level': '0' }
      })
    )
  )
}

const lengthenWait = (stage: Stage): void => {
  const settings = stage.cloud.planes.inspect.deployments().at(-1)?.group.blueGreen
  const option = settings?.terminateBlueInstancesOnDeploymentSuccess
  if (option === undefined) throw new Error('the group has no termination wait')
  option.terminationWaitTimeInMinutes = 600
}
