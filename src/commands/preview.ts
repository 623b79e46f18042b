import { startHashing } from '../bundle/hash-folder.js'
import { openPool } from '../bundle/pool.js'
import { countOf, type Finding } from '../domain/bundle.js'
import { counted } from '../domain/counted.js'
import type { Plan } from '../domain/plan.js'
import { bears } from '../domain/preview/lifetime.js'
import { plannedTree, type PullEvent, proposedTree, type ProposedTree } from '../domain/pull-request.js'
import type { PlannedGroup, PreviewInputs } from '../inputs/types.js'
import type { RunContext, World } from '../ports.js'
import { findingsJson, findingsSummary } from '../report/findings.js'
import { planSummary } from '../report/plan.js'
import { planLines } from '../report/plan-words.js'
import { bytesText } from '../report/units.js'
import { readPlan } from '../steps/plan.js'
import { type Bundled, startBundling } from './bundling.js'
import { type EnteredGroup, enterGroup } from './connect.js'
import { tellLiveNote } from './live.js'
import { manifestOf, openManifests } from './manifest.js'
import { endOwn, endPreviewOf } from './preview-end.js'
import { openPullRequest, type PullRequestPage } from './pull-request.js'
import { openRecord } from './record.js'
import { refusedPreview, runningPreview } from './running-preview.js'
import { openSource, type Source, tellFindings } from './source.js'

/**
 * Checks AppSpec and bundle as the agent would: 0 if it would accept them, 1 if it would refuse. For a group, it also says what a
 * merge would deploy, in the log, the summary and a comment, and runs it where a group is kept for previews.
 */
export const runPreview = async (inputs: PreviewInputs, world: World): Promise<number> => {
  const { pull } = world.context
  if (pull?.action === 'closed') return endPreviewOf(pull, inputs, world)
  const { target, running } = inputs
  const environment = running?.environment
  if (pull !== undefined && environment !== undefined && !bears(pull.labels, environment.label))
    return runWithoutLabel(pull, inputs, world)
  const why = target === undefined ? undefined : withoutRights(world)
  if (target !== undefined && why === undefined) return previewGroup({ ...inputs, target }, world)
  return checkBundle(inputs, world, why)
}

/** A pull request that does not bear the label, or not any more, has the plan and no environment. */
const runWithoutLabel = async (
  pull: PullEvent,
  { running, ...inputs }: PreviewInputs,
  world: World
): Promise<number> => {
  const environment = running?.environment
  if (pull.action === 'unlabeled' && running !== undefined && environment !== undefined)
    await endOwn(running, environment, world)
  world.runner.info(
    `This pull request does not have the label ${environment?.label ?? ''} (\`preview-label\`), so it has no preview to open.`
  )
  return runPreview(inputs, world)
}

/** Why a pull request gets no rights on AWS (docs.github.com, "Events that trigger workflows": forks and Dependabot). */
const withoutRights = ({ context, requestToken }: World): string | undefined => {
  const from = context.fromFork
    ? 'a fork'
    : context.event === 'pull_request' && context.actor === 'dependabot[bot]' && requestToken === undefined
      ? 'Dependabot'
      : undefined
  return from === undefined
    ? undefined
    : `Only the bundle was checked: GitHub gives a pull request from ${from} no token for AWS, so what a merge would change on the servers is not known.`
}

/** The local half, which needs no rights at all. */
const checkBundle = async (
  inputs: PreviewInputs,
  world: World,
  remark: string | undefined
): Promise<number> => {
  const source = await openSource(inputs, world)
  try {
    const findings = await judged(source, world)
    if (remark !== undefined) world.runner.info(remark)
    await world.runner.summary(
      findingsSummary(findings, { files: source.files, bytes: source.bytes, remark })
    )
    return codeOf(findings)
  } finally {
    await source.close()
  }
}

/** Tells what the agent would object to, and the verdict. */
const judged = async (source: Source, world: World): Promise<Finding[]> => {
  const { runner, paint } = world
  const findings = await tellFindings(source, world)
  const errors = countOf(findings, 'error')
  const warnings = countOf(findings, 'warning')
  const size = `${counted(source.files, 'file')}, ${bytesText(source.bytes)}`
  const verdict =
    errors === 0
      ? paint('✓ The agent would accept this bundle', 'green')
      : paint('✗ The agent would refuse this bundle', 'red')
  runner.info(`${verdict}: ${size}, ${counted(errors, 'mistake')}, ${counted(warnings, 'warning')}.`)
  runner.output('findings', findingsJson(findings))
  return findings
}

const codeOf = (findings: readonly Finding[]): number => (countOf(findings, 'error') === 0 ? 0 : 1)

type GroupPreview = PreviewInputs & { target: PlannedGroup }

/** The plan, and the running preview if the bundle can be deployed. */
const previewGroup = async (inputs: GroupPreview, world: World): Promise<number> => {
  const pool = openPool()
  try {
    const hashing = startHashing({ pool, signal: world.canceled })
    const source = await openSource({ ...inputs, found: (state) => hashing.grow(state) }, world)
    const { running } = inputs
    const level = running?.inputs.compressionLevel ?? 0
    const bundling = startBundling(source, { hashing, pool, level, packs: running !== undefined, world })
    try {
      const findings = await judged(source, world)
      const entered = await enterGroup(inputs.target, world)
      const plan = await planOf({ source, bundling }, findings, { inputs, entered, world })
      const page = await openPullRequest(inputs, plan, { zone: entered.zone, world })
      await tellPlan(plan, page, world)
      const code = codeOf(findings)
      const shown = { page, identity: entered.identity, production: entered.group, world }
      if (running === undefined) await page.show()
      else if (code !== 0) await refusedPreview(countOf(findings, 'error'), running, shown)
      else return await runningPreview({ source, bundling }, running, shown)
      return code
    } finally {
      await source.close()
    }
  } finally {
    await pool.close()
  }
}

const treeOf = ({ pull, checkedOut, eventCommit }: RunContext): ProposedTree =>
  pull === undefined
    ? plannedTree(checkedOut(), eventCommit)
    : proposedTree(pull, { checkedOut: checkedOut(), eventCommit })

const planOf = async (
  bundled: Bundled,
  findings: readonly Finding[],
  { inputs: { target }, entered, world }: { inputs: GroupPreview; entered: EnteredGroup; world: World }
): Promise<Plan> => {
  const { source, bundling } = bundled
  const { group, services, identity } = entered
  const tree = treeOf(world.context)
  const { contentHash, atMost } = await bundling.archive
  const [record, manifests, github, manifest] = await Promise.all([
    openRecord(target, identity, world),
    openManifests(target, identity, world),
    world.github(),
    manifestOf(bundled, { contentHash, size: atMost })
  ])
  const reading = await readPlan(
    group,
    { ...services.live, record, manifests, github },
    { tree, manifest, knowsHooks: codeOf(findings) === 0, freeze: target.freeze, now: world.clock.now() }
  )
  return { tree, bundle: { files: source.files, bytes: source.bytes, findings }, group, ...reading }
}

const tellPlan = async (plan: Plan, page: PullRequestPage, world: World): Promise<void> => {
  const { runner } = world
  for (const line of planLines(plan, page.plan)) runner.info(line)
  tellLiveNote(plan.live, world)
  await runner.summary(planSummary(plan, page.plan))
}
