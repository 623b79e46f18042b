import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { openFastStage } from '../scenarios/stage.js'
import { pageWriter } from './page.js'

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const chapter = (text: string): void => say(`\n\u001b[1;36m━━ ${text}\u001b[0m`)

const expectThat = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`demo: ${what}`)
}

/** A service that is started in the background and dies there: no hook notices it. */
const DEAD = '#!/bin/sh\n(sleep 1; exit 1) >/dev/null 2>&1 &\n'

/** `npm run demo -- hang`: deployments that would hang for an hour, on a local cloud in which a minute passes in a second. */
export const demoHang = async (): Promise<void> => {
  const stage = await openFastStage(60, { scripted: false })
  try {
    const { cloud } = stage
    const optional = ['optional-target-health.json', 'optional-waiting-reasons.json'] as const
    cloud.role.policy = policyOf(PLACE, 'action-policy.json', ...optional)
    const inputs = { 'stop-when-unhealthy-minutes': '5' }
    const deploy = (version: string, changes: Record<string, string> = {}) =>
      stage.deploy(version, { changes, inputs, onLog: pageWriter((text) => process.stdout.write(text)) })

    say('A minute of these deployments passes in a second.')
    chapter('v1 is live')
    expectThat((await deploy('v1')).code === 0, 'v1 was not deployed')

    chapter('v2 never answers its health check')
    const changes = { 'scripts/start.sh': DEAD, 'scripts/validate.sh': '#!/bin/sh\nexit 0\n' }
    const hung = await deploy('v2', changes)
    expectThat(/the load balancer says unhealthy/.test(hung.log), 'the log does not say why it waits')
    expectThat(hung.code === 2, `it ended with ${hung.code} instead of being rolled back`)
    expectThat((await stage.serving()) === 'v1', 'v1 does not serve')
    say('\n  The log said why within seconds, the run ended by itself, and v1 still answers.')

    chapter('v3 cannot even be launched')
    cloud.switches.newFleet = 'no-image'
    const unlaunched = await deploy('v3')
    expectThat(/Auto Scaling has launched no instance/.test(unlaunched.log), 'the log does not say why')
    expectThat(unlaunched.code === 3, `it ended with ${unlaunched.code} instead of being stopped`)
    expectThat((await stage.serving()) === 'v1', 'v1 does not serve')
    say('\nNext: docs/resilience.md#waits-and-their-reasons says what is asked, and which rights that takes.')
  } finally {
    await stage.close()
  }
}
