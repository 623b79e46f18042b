import { isGitHubError } from '../domain/github.js'
import type { DeploymentState, GitHub, GitHubDeployment } from '../github-port.js'
import { lanes } from '../concurrency.js'

/** What GitHub shows on a pull request about its running preview. */
export interface Preview {
  pull: number
  /** The commit of the pull request that runs, or will. */
  head: string
  /** `application/group`: where previews take turns. */
  group: string
}

export interface PreviewStatus {
  state: Exclude<DeploymentState, 'inactive'>
  /** GitHub shows 140 characters; the rest is cut. */
  description: string
  /** The run's log. */
  logUrl?: string | undefined
  /** Where the preview answers. */
  url?: string | undefined
}

type Deployments = Pick<GitHub, 'deployments' | 'createDeployment' | 'deploymentState' | 'setDeploymentState'>

/**
 * One environment for all previews, because a workflow's token cannot delete one; the task tells pull requests apart
 * (docs/service.md, GitHub).
 */
const ENVIRONMENT = 'preview'
const taskOf = (pull: number): string => `preview:pr-${pull}`

const MOST_DESCRIPTION = 140

/** A pull request with more pushes has older ones, which earlier runs have retired. */
const MOST_LOOKED_AT = 100
const MOST_CLEANED = 200

/** Whoever takes a turn retires the one before, so that is among the newest. */
const MOST_OTHERS = 10
const READS_AT_ONCE = 5

/**
 * The deployment of this commit, created if there is none or only retired ones (a pull request may be reopened). Two runs that
 * create one at the same time agree on the older one. Throws a GitHubError.
 */
export const openPreview = async (preview: Preview, github: Deployments): Promise<GitHubDeployment> => {
  const known = await ofThisCommit(preview, github)
  const [active, ...doubles] = await activeOf(known, github)
  for (const { id } of doubles) await retire(id, DOUBLE, github)
  if (active !== undefined) return active
  const created = await createOnce(preview, github, new Set(known.map(({ id }) => id)))
  const before = (await ofThisCommit(preview, github)).filter(
    ({ id }) => id < created.id && !known.some((one) => one.id === id)
  )
  const [older] = await activeOf(before, github)
  if (older === undefined) return created
  await retire(created.id, DOUBLE, github)
  return older
}

const DOUBLE = { description: 'Another deployment shows this preview.' }

/**
 * Sets the state. Once a preview has succeeded, the others are shown as retired. Of this pull request: those that succeeded
 * before, because this one took their place, and older ones whose run ended without a word; failed ones keep saying so. Of
 * other pull requests: the one whose turn in this group is over. Repeating it does no harm. Throws a GitHubError.
 */
export const setPreview = async (
  { id, task, payload }: Pick<GitHubDeployment, 'id' | 'task' | 'payload'>,
  { description, ...status }: PreviewStatus,
  github: Deployments
): Promise<void> => {
  await github.setDeploymentState(id, { ...status, description: cut(description) })
  if (status.state !== 'success') return
  await retireFormer({ id, task }, github)
  await endTurns({ task, group: groupIn(payload) }, github)
}

const retireFormer = async (
  { id, task }: Pick<GitHubDeployment, 'id' | 'task'>,
  github: Deployments
): Promise<void> => {
  const newest = await github.deployments({ environment: ENVIRONMENT, task, most: MOST_LOOKED_AT })
  const others = newest.filter((one) => one.id !== id)
  const replaced = await withState(others, github)
  for (const { one, state } of replaced) {
    const isEnded = state === 'success' || (one.id < id && !OVER.includes(state))
    if (isEnded) await retire(one.id, { description: 'A newer preview took its place.' }, github)
  }
}

/** Previews of other pull requests in the same group: what is called running there no longer is. */
const endTurns = async (
  { task, group }: { task: string; group: string | undefined },
  github: Deployments
): Promise<void> => {
  if (group === undefined) return
  const newest = await github.deployments({ environment: ENVIRONMENT, most: MOST_LOOKED_AT })
  const others = newest.filter((one) => one.task !== task && groupIn(one.payload) === group)
  for (const { one, state } of await withState(others.slice(0, MOST_OTHERS), github))
    if (state === 'success')
      await retire(one.id, { description: 'Another pull request took its turn.' }, github)
}

/** Of a payload that another tool wrote, nothing is known. */
const groupIn = (payload: unknown): string | undefined => {
  const { group } = (payload ?? {}) as { group?: unknown }
  return typeof group === 'string' ? group : undefined
}

/** Earlier commits of the pull request that GitHub shows as running, newest first. Throws a GitHubError. */
export const calledRunning = async (
  { pull, head }: Pick<Preview, 'pull' | 'head'>,
  github: Deployments
): Promise<GitHubDeployment[]> => {
  const all = await github.deployments({
    ...{ environment: ENVIRONMENT, task: taskOf(pull), most: MOST_LOOKED_AT }
  })
  const others = all.filter(({ sha }) => sha !== head)
  return (await withState(others, github)).filter(({ state }) => state === 'success').map(({ one }) => one)
}

/** They no longer run. Throws a GitHubError. */
export const retirePreviews = async (
  previews: readonly GitHubDeployment[],
  description: string,
  github: Deployments
): Promise<void> => {
  for (const { id } of previews) await retire(id, { description }, github)
}

/**
 * The end of a pull request: all of its deployments become inactive, which GitHub shows as destroyed. Returns how many were not.
 * Repeating it does no harm. Throws a GitHubError.
 */
export const endPreview = async (
  pull: number,
  reason: { description: string; logUrl?: string | undefined },
  github: Deployments
): Promise<number> => {
  const all = await github.deployments({ environment: ENVIRONMENT, task: taskOf(pull) })
  const open = (await withState(all, github)).filter(({ state }) => state !== 'inactive')
  for (const { one } of open) await retire(one.id, reason, github)
  return open.length
}

/**
 * The pull requests among the newest previews, whether they still run or not: for a clean-up that no event started.
 * Throws a GitHubError.
 */
export const previewedPulls = async (github: Pick<GitHub, 'deployments'>): Promise<number[]> => {
  const all = await github.deployments({ environment: ENVIRONMENT, most: MOST_CLEANED })
  const numbers = all.flatMap(({ task }) => {
    const number = /^preview:pr-([1-9]\d{0,9})$/.exec(task)?.[1]
    return number === undefined ? [] : [Number(number)]
  })
  return [...new Set(numbers)].sort((one, other) => one - other)
}

/** What ended by itself. */
const OVER: readonly (DeploymentState | undefined)[] = ['inactive', 'failure', 'error']

const ofThisCommit = async ({ pull, head }: Preview, github: Deployments): Promise<GitHubDeployment[]> =>
  (await github.deployments({ environment: ENVIRONMENT, task: taskOf(pull) })).filter(
    ({ sha }) => sha === head
  )

/** Those that are not retired, oldest first. */
const activeOf = async (
  deployments: readonly GitHubDeployment[],
  github: Deployments
): Promise<GitHubDeployment[]> =>
  (await withState(deployments, github))
    .filter(({ state }) => state !== 'inactive')
    .map(({ one }) => one)
    .reverse()

interface Shown {
  one: GitHubDeployment
  /** Undefined before its first status. */
  state: DeploymentState | undefined
}

/** In the same order. */
const withState = async (
  deployments: readonly GitHubDeployment[],
  github: Pick<GitHub, 'deploymentState'>
): Promise<Shown[]> => {
  const shown: Shown[] = []
  const reading = lanes(READS_AT_ONCE)
  for (const [at, one] of deployments.entries())
    await reading.start(async () => {
      shown[at] = { one, state: await github.deploymentState(one.id) }
    })
  await reading.done()
  return shown
}

/** After a lost answer, the deployment is looked for; one that is not there was not created. */
const createOnce = async (
  preview: Preview,
  github: Deployments,
  known: ReadonlySet<number>
): Promise<GitHubDeployment> => {
  const { pull, head, group } = preview
  const wanted = {
    ...{ ref: head, task: taskOf(pull), environment: ENVIRONMENT },
    ...{ description: `Preview of #${pull}`, payload: { pr: pull, group } }
  }
  try {
    return await github.createDeployment(wanted)
  } catch (error) {
    if (!isGitHubError(error, 'unavailable')) throw error
    const found = (await ofThisCommit(preview, github)).findLast(({ id }) => !known.has(id))
    return found ?? (await github.createDeployment(wanted))
  }
}

const retire = (
  id: number,
  { description, logUrl }: { description: string; logUrl?: string | undefined },
  github: Deployments
): Promise<void> =>
  github.setDeploymentState(id, { state: 'inactive', description: cut(description), logUrl })

/** GitHub counts characters, not UTF-16 units. */
const cut = (text: string): string => {
  const characters = Array.from(text)
  return characters.length <= MOST_DESCRIPTION
    ? text
    : `${characters.slice(0, MOST_DESCRIPTION - 1).join('')}…`
}
