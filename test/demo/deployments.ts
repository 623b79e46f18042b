import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { jobEnvironment, placeInputs, runAction, type ActionRun } from '../action/run.js'
import { rolePolicy } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { startCloud, type Cloud } from '../cloud/start.js'
import { pageWriter } from './page.js'
import { summariesPage, type Shown } from './summaries.js'
import { letVisitorsIn, type Visitors } from './visitors.js'

const ROOT = join(import.meta.dirname, '../..')
const APP = join(ROOT, 'examples/app')
/** Kept until the next demo; git ignores it. */
const PAGE = join(ROOT, '.scratch/demo/summaries.html')

/** Made-up commits; a person would type their first digits. */
const COMMITS: Record<string, { commit: string; subject: string }> = {
  v1: { commit: '1a7c90de5b64f0a83c2d19e7b5f4a60d8e3c1b27', subject: '[BE] 축제 목록 API' },
  v2: { commit: '2f08b3ac91d7e6045fa8c1b29e6d30574ac8e1f9', subject: '[BE] DEV -> PROD merge' },
  v3: {
    commit: '3d91e5b0c7a24f681b0e9d3c85a7f216e4d0b9c8',
    subject: '[BE] a bug that ValidateService finds'
  },
  v4: { commit: '4c62a9f8e013b7d5a64c8f2e1790db35c6fa82e4', subject: '[FE] 지도 | `map` <script>' }
}

/** The summaries of the jobs so far, and the chapter that is on. */
const shown: Shown[] = []
let title = ''
const ALARM = 'festival-5xx'

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const chapter = (text: string): void => {
  say(`\n\u001b[1;36m━━ ${text}\u001b[0m`)
  title = text
}

const expectThat = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`demo: ${what}`)
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** A copy of the example app with that version; v3 fails its own health check. */
const makeVersion = async (scratch: string, version: string): Promise<string> => {
  const folder = join(scratch, version)
  await cp(APP, folder, { recursive: true })
  await writeFile(join(folder, 'VERSION'), `${version}\n`)
  if (version === 'v3')
    await writeFile(
      join(folder, 'scripts/validate.sh'),
      '#!/bin/sh\necho "GET /health answers 500: the database schema is of v2" >&2\nexit 3\n',
      { mode: 0o755 }
    )
  return folder
}

/** The demo's cloud is faster than the real one, so it is polled more often. */
const OFTEN = { 'poll-seconds': '0.5' }

interface Stage {
  cloud: Cloud
  scratch: string
  runs: number
}

const step = async (
  stage: Stage,
  inputs: Record<string, string>,
  env: Record<string, string> = {}
): Promise<ActionRun> => {
  stage.runs++
  const page = pageWriter((text) => process.stdout.write(text))
  const run = await runAction({
    inputs: { ...placeInputs(stage.cloud.env), ...inputs },
    env: {
      ...jobEnvironment(stage.cloud.env),
      GITHUB_REPOSITORY: 'example-org/example-app',
      GITHUB_RUN_ID: String(7_000_000_000 + stage.runs),
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_ACTOR: 'octocat',
      // The SDK's warning about old Node versions does not belong on the page.
      NODE_NO_WARNINGS: '1',
      ...env
    },
    cwd: stage.scratch,
    onLog: page
  })
  shown.push({ title, markdown: run.summary })
  return run
}

const ME = { arn: 'arn:aws:iam::123456789012:user/demo', accountId: '123456789012' }

/** The hour in which an old fleet is kept passes at once, and with it the deployment that waits for its end. */
const hourPasses = async ({ cloud }: Stage): Promise<void> => {
  const { codedeploy, inspect } = cloud.planes
  const waiting = () => inspect.deployments().filter(({ phase }) => phase === 'termination-wait')
  const order = { deploymentWaitType: 'TERMINATION_WAIT' }
  for (const { id } of waiting()) await codedeploy['ContinueDeployment']?.({ ...order, deploymentId: id }, ME)
  while (inspect.deployments().some(({ status }) => status === 'InProgress'))
    await new Promise((resolve) => setTimeout(resolve, 50))
}

const deploy = async (stage: Stage, version: string): Promise<ActionRun> => {
  const { commit, subject } = COMMITS[version] ?? { commit: '', subject: '' }
  const source = await makeVersion(stage.scratch, version)
  await hourPasses(stage)
  const event = join(stage.scratch, 'event.json')
  await writeFile(event, JSON.stringify({ head_commit: { id: commit, message: subject } }))
  return step(stage, { source, ...OFTEN }, { GITHUB_SHA: commit, GITHUB_EVENT_PATH: event })
}

const rollback = async (
  stage: Stage,
  visitors: Visitors,
  version: string
): Promise<{ way: string; ms: number; log: string }> => {
  const startedAt = Date.now()
  const commit = COMMITS[version]?.commit.slice(0, 8) ?? ''
  const run = await step(stage, { command: 'rollback', commit, ...OFTEN })
  expectThat(run.code === 0, `the rollback to ${version} ended with exit code ${run.code}`)
  const answering = await visitors.next()
  const ms = visitors.untilOnly(version, startedAt)
  expectThat(answering.has(version), `${version} does not answer after the rollback`)
  say(
    `  every answer comes from ${version}, ${seconds(ms)} after the rollback began (${run.outputs['rollback-way'] ?? '?'})`
  )
  return { way: run.outputs['rollback-way'] ?? '', ms, log: run.log }
}

const show = async (stage: Stage): Promise<Visitors> => {
  const { cloud } = stage
  const url = cloud.env['SERVICE_URL'] ?? ''
  chapter('Deploy v1, and let visitors in')
  expectThat((await deploy(stage, 'v1')).code === 0, 'v1 was not deployed')
  const visitors = letVisitorsIn(url)

  chapter('Deploy v2 under load (blue/green)')
  expectThat((await deploy(stage, 'v2')).code === 0, 'v2 was not deployed')
  expectThat((await visitors.next()).has('v2'), 'v2 does not answer')

  chapter('Deploy v3, which has a bug: ValidateService fails, and the visitors never notice')
  const noticed = Date.now()
  expectThat((await deploy(stage, 'v3')).code === 1, 'v3 should have failed')
  expectThat(!visitors.since(noticed).has('v3'), 'a visitor got v3')

  chapter('Deploy v4')
  expectThat((await deploy(stage, 'v4')).code === 0, 'v4 was not deployed')

  chapter('List what a rollback can go back to')
  expectThat((await step(stage, { command: 'history' })).code === 0, 'the history could not be read')

  chapter(`v4 answers with errors: the alarm ${ALARM} of the deployment group fires`)
  cloud.planes.inspect.alarms.set(ALARM, 'ALARM', 'more than 5 errors in a minute')
  say(`  ${ALARM} is in ALARM; it will stop any deployment of the group that has its alarms on`)

  chapter('Roll back to v2, while its fleet is still running')
  const fast = await rollback(stage, visitors, 'v2')
  expectThat(fast.way === 'fast', `the rollback to v2 was ${fast.way}, not fast`)

  chapter('Roll back to v1, whose fleet is long gone: its stored bundle is redeployed, past the alarm')
  const full = await rollback(stage, visitors, 'v1')
  expectThat(full.log.includes(`ignores the group's alarms (${ALARM})`), 'the alarms were left on')
  expectThat(full.way === 'redeploy', `the rollback to v1 was ${full.way}, not redeploy`)

  say(
    `\nrollback: fast ${seconds(fast.ms)}, full ${seconds(full.ms)}, ratio ${(fast.ms / Math.max(1, full.ms)).toFixed(2)}`
  )
  return visitors
}

const scratch = await mkdtemp(join(tmpdir(), 'demo-'))
/** Writes the page of the summaries, and says what a person can do now. */
const closing = async (): Promise<void> => {
  await mkdir(dirname(PAGE), { recursive: true })
  await writeFile(PAGE, await summariesPage(shown))
  say(
    [
      '\nNext:',
      `  See the summaries of these ${shown.length} jobs as GitHub shows them: ${PAGE}`,
      '  Deploy to your own AWS account: docs/setup.md (a role, a bucket, a deployment group, one workflow file)',
      '  See what CodeDeploy would say about your own app, without AWS: INPUT_COMMAND=preview INPUT_SOURCE=path/to/app node dist/index.js'
    ].join('\n')
  )
}

// An hour, as in docs/setup.md, is a minute here: time enough to roll back even where everything is slow.
const cloud = await startCloud({ terminationWait: 60, seed: { alarms: [ALARM] } })
// What docs/security.md gives a role that rolls back; here one role does everything.
cloud.role.policy = rolePolicy(PLACE, 'optional-alarm-override.json')
const stage: Stage = { cloud, scratch, runs: 0 }
let failed = true
try {
  const visitors = await show(stage)
  await visitors.stop()
  const { requests, failed: lost, firstFailure } = visitors.count()
  if (firstFailure !== undefined) say(`first failure: ${firstFailure}`)
  say(`demo: ${requests} requests, ${lost} failed`)
  failed = lost > 0
  await closing()
} catch (error) {
  say((error as Error).message)
} finally {
  await cloud.stop()
  await rm(scratch, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)
