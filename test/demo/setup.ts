import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import type { ActionRun } from '../action/run.js'
import { setupFile, setupInputs } from '../scenarios/setup-file.js'
import { openStage } from '../scenarios/stage.js'
import { pageWriter } from './page.js'

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const chapter = (text: string): void => say(`\n\u001b[1;36m━━ ${text}\u001b[0m`)

const expectThat = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`demo: ${what}`)
}

/** `npm run demo -- setup`: from an account without a deployment group to the first deployment, on the local cloud. */
export const demoSetup = async (): Promise<void> => {
  const stage = await openStage({ empty: true })
  const env = { GITHUB_WORKSPACE: stage.scratch }
  const onLog = (): ((text: string) => void) => pageWriter((text) => process.stdout.write(text))
  const allow = (...documents: string[]): void => {
    stage.cloud.role.policy = policyOf(PLACE, ...documents)
  }
  const check = (): Promise<ActionRun> => {
    allow('check-policy.json')
    return stage.run({ inputs: { command: 'check', 'poll-seconds': '' }, env, onLog: onLog() })
  }
  const setup = (inputs: Record<string, string> = {}): Promise<ActionRun> => {
    allow('setup-policy.json')
    return stage.run({ inputs: { ...setupInputs(stage), ...inputs }, env, onLog: onLog() })
  }
  try {
    chapter('.github/codedeploy.yml says what the group is to be')
    setupInputs(stage)
    for (const line of setupFile().trimEnd().split('\n')) say(`  ${line}`)

    chapter('An account with a load balancer, a launch template and a bucket: what is missing?')
    expectThat((await check()).code === 1, 'nothing was missing')

    chapter('`command: setup` shows what it would make')
    expectThat((await setup()).code === 0, 'the file was refused')

    chapter('With `dry-run: false`, it makes it')
    expectThat((await setup({ 'dry-run': 'false' })).code === 0, 'the group was not made')

    chapter('What is missing now?')
    expectThat((await check()).code === 0, 'something is still missing')

    chapter('The first deployment')
    allow(
      ...['action-policy.json', 'optional-target-health.json', 'optional-waiting-reasons.json'],
      'optional-copy.json'
    )
    expectThat((await stage.deploy('v1', { onLog: onLog() })).code === 0, 'v1 was not deployed')
    expectThat((await stage.serving()) === 'v1', 'v1 does not serve')
    say('\n  visitors get v1')
    say(
      '\nNext: docs/setup.md says how to get there in your own account: one stack, one file, two workflows.'
    )
  } finally {
    await stage.close()
  }
}
