import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { knownCommit, openPull, seedPreviewGroup, type PullStage } from '../scenarios/pulls.js'
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

const answers = async (url: string): Promise<string> =>
  ((await (await fetch(url)).json()) as { version: string }).version

/** `npm run demo -- preview`: a pull request from its plan to its end, on the local cloud. */
export const demoPreview = async (): Promise<void> => {
  const stage: Stage = await openStage({ terminationWait: 0 })
  try {
    const onLog = (): ((text: string) => void) => pageWriter((text) => process.stdout.write(text))
    chapter('v1 is live')
    knownCommit(stage, 'v1')
    expectThat((await stage.deploy('v1', { onLog: onLog() })).code === 0, 'v1 was not deployed')
    const { serviceUrl } = await seedPreviewGroup(stage)
    stage.cloud.role.policy = policyOf(PLACE, 'preview-policy.json', 'optional-running-preview.json')
    const inputs = { 'preview-deployment-group-name': PLACE.previewGroup, 'preview-url': serviceUrl }

    const pull = openPull(stage, 12)
    chapter('A pull request is opened: what would a merge deploy, and where does it run?')
    await pull.push('v2', { 'tickets.json': '{}' }, '축제 둘째 날 표를 판다 (see @festival/team #7)')
    expectThat((await pull.on('opened', { inputs, onLog: onLog() })).code === 0, 'the preview failed')
    showComment(pull)
    expectThat((await answers(serviceUrl)) === 'v2', 'the preview does not answer')
    expectThat((await stage.serving()) === 'v1', 'production does not serve v1')
    say(`\n  the preview answers v2, and production still answers v1`)

    chapter('A push that the agent would refuse')
    await pull.push('v3', { 'appspec.yml': 'version: 0.0\nos: windows\n' })
    expectThat((await pull.on('synchronize', { inputs, onLog: onLog() })).code === 1, 'it was accepted')
    showComment(pull)

    chapter('The pull request is closed')
    expectThat((await pull.on('closed', { inputs, onLog: onLog() })).code === 0, 'it did not end')
    showComment(pull)
    expectThat(
      pull.statuses().every((state) => state === 'inactive'),
      'a preview is still shown as running'
    )
    say('\nNext: docs/previews.md says how to set this up, and what each rule stops.')
  } finally {
    await stage.close()
  }
}
