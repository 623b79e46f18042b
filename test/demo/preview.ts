import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { askedAt, previewInputs, previewParts } from '../scenarios/preview-parts.js'
import { knownCommit, openPull, type PullStage } from '../scenarios/pulls.js'
import { openStage, type Stage } from '../scenarios/stage.js'
import { pageWriter } from './page.js'

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const chapter = (text: string): void => say(`\n\u001b[1;36m━━ ${text}\u001b[0m`)

const expectThat = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`demo: ${what}`)
}

/** What a reviewer sees on the pull request now. */
const showComment = (pull: PullStage): void => {
  say('\n\u001b[2m┌─ the comment on the pull request, as Markdown\u001b[0m')
  for (const line of (pull.comments()[0] ?? '').trimEnd().split('\n')) say(`\u001b[2m│\u001b[0m ${line}`)
  say(`\u001b[2m└─ deployments to the environment preview: ${pull.statuses().join(', ') || 'none'}\u001b[0m`)
}

/** `npm run demo -- preview`: a pull request from its plan to its end, on the local cloud. */
export const demoPreview = async (): Promise<void> => {
  const stage: Stage = await openStage({ terminationWait: 0, previews: true })
  try {
    const onLog = (): ((text: string) => void) => pageWriter((text) => process.stdout.write(text))
    chapter('v1 is live')
    knownCommit(stage, 'v1')
    expectThat((await stage.deploy('v1', { onLog: onLog() })).code === 0, 'v1 was not deployed')
    stage.cloud.role.policy = policyOf(PLACE, 'preview-policy.json', 'optional-preview-environments.json')
    const inputs = previewInputs(stage.cloud)
    const host = 'pr-12.preview.example.com'
    const ask = async (): Promise<string> => {
      const answer = await askedAt(stage.cloud, host)
      say(`\n  $ curl -H 'Host: ${host}' ${stage.cloud.env['PREVIEW_URL'] ?? ''}   → ${answer}`)
      say(`  $ curl ${stage.cloud.env['SERVICE_URL'] ?? ''}   → ${await stage.serving()} (production)`)
      return answer
    }

    const pull = openPull(stage, 12)
    chapter('A pull request is opened: what would a merge deploy, and where does it run?')
    await pull.push('v2', { 'tickets.json': '{}' }, '축제 둘째 날 표를 판다 (see @festival/team #7)')
    expectThat((await pull.on('opened', { inputs, onLog: onLog() })).code === 0, 'the preview failed')
    showComment(pull)
    expectThat((await ask()) === 'v2', 'the preview does not answer')
    expectThat((await stage.serving()) === 'v1', 'production does not serve v1')

    chapter('A push that the agent would refuse')
    await pull.push('v3', { 'appspec.yml': 'version: 0.0\nos: windows\n' })
    expectThat((await pull.on('synchronize', { inputs, onLog: onLog() })).code === 1, 'it was accepted')
    showComment(pull)
    expectThat((await ask()) === 'v2', 'the preview does not answer')

    chapter('The pull request is closed')
    expectThat((await pull.on('closed', { inputs, onLog: onLog() })).code === 0, 'it did not end')
    showComment(pull)
    expectThat(
      pull.statuses().every((state) => state === 'inactive'),
      'a preview is still shown as running'
    )
    expectThat((await ask()) === 'HTTP 404', 'the preview still answers')
    const left = await previewParts(stage.cloud)
    expectThat(left.length === 0, `left: ${left.join(', ')}`)
    say('\n  no target group, no rule, no Auto Scaling group, no instance and no deployment group is left')
    say('\nNext: docs/previews.md says how to set this up, and what each rule stops.')
  } finally {
    await stage.close()
  }
}
