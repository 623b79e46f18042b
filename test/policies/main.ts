import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { policyOf as documented, ROLES } from '../cloud/identity/documents.js'
import type { Policy } from '../cloud/identity/policy.js'
import { PLACE } from '../cloud/parts.js'
import { grantedActions, isRole, narrowed, without, type Granted } from './documents.js'
import { play, type Played } from './play.js'
import { SCENARIOS, type Scenario } from './scenarios.js'
import { checkTrust } from './trust.js'

/**
 * `npm run check:policies`: runs scenarios on the local cloud, whose role has exactly the permissions of docs/iam, and removes each
 * action in turn. At least one scenario must then fail, with an error that names the action and its document. So the documents are
 * enough, have nothing superfluous, and the error tells anyone with an old copy what is missing.
 */

const AT_ONCE = 2

/** While one action is worked on: `npm run check:policies -- s3:ListBucket`. */
const only = process.argv[2] ?? ''

/** Calls that no policy can deny (STS API reference), so that no scenario has to make them. */
const ALWAYS_ALLOWED = ['GetCallerIdentity']

const problems: string[] = []
const operations = new Set<string>()

/** Runs the jobs, two at a time, and returns their results in order. */
const side = async <Job, Result>(
  jobs: readonly Job[],
  work: (job: Job) => Promise<Result>
): Promise<Result[]> => {
  const results: Result[] = []
  const left = [...jobs.entries()]
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      results[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return results
}

const policyOf = ({ role = 'action-policy.json', optional = [] }: Scenario): Policy =>
  documented(PLACE, role, ...optional)

const playWith = async (scenario: Scenario, policy: Policy): Promise<Played> => {
  const played = await play(scenario, ({ role }) => {
    role.policy = policy
  })
  for (const operation of played.operations) operations.add(operation)
  return played
}

/** With every permission, each scenario must succeed. */
const baseline = async (): Promise<Map<Scenario, Played>> => {
  const played = await side(SCENARIOS, (scenario) => playWith(scenario, policyOf(scenario)))
  const all = new Map(SCENARIOS.map((scenario, at) => [scenario, played[at] as Played]))
  for (const [{ name }, { broken, log }] of all)
    if (broken !== undefined) problems.push(`"${name}" breaks with every right: ${broken}\n${log}`)
  return all
}

const escaped = (text: string): string => text.replace(/[.*]/g, '\\$&')

const names = (log: string, { action, file }: Granted): boolean =>
  new RegExp(`${escaped(action)}(?!\\w)`).test(log) &&
  // A role that may do everything also rolls back and lists; the error then names the document of that command.
  (file === 'action-policy.json' ? ROLES : [file]).some((one) => log.includes(`docs/iam/${one}`))

/** The first scenario that fails under the policy, and how. A log that does not say why is a problem. */
const firstBroken = async (
  granted: Granted,
  scenarios: readonly Scenario[],
  change: (policy: Policy) => Policy
): Promise<string | undefined> => {
  for (const scenario of scenarios) {
    const { broken, log } = await playWith(scenario, change(policyOf(scenario)))
    if (broken === undefined) continue
    if (!names(log, granted))
      problems.push(
        `Without ${granted.action}, "${scenario.name}" breaks (${broken}), but its log does not name the action and the document that has it:\n${log}`
      )
    return `"${scenario.name}": ${broken}`
  }
  return undefined
}

const GROUP = `arn:aws:codedeploy:${PLACE.region}:${PLACE.accountId}:deploymentgroup:${PLACE.application}/${PLACE.deploymentGroup}`

/** Removes an action; if it is allowed on every resource, also allows it only on the group. */
const checkAction = async (granted: Granted, all: ReadonlyMap<Scenario, Played>): Promise<void> => {
  const { action, file, everywhere } = granted
  const using = [...all]
    .filter(([{ role = 'action-policy.json', optional = [] }, { asked }]) => {
      const has = isRole(file) ? role === file && optional.length === 0 : optional.includes(file)
      return has && asked.has(action)
    })
    .map(([scenario]) => scenario)
  const broken = await firstBroken(granted, using, (policy) => without(policy, action))
  if (broken === undefined) problems.push(`${action} of docs/iam/${file} is not needed by any scenario.`)
  const narrow = everywhere
    ? await firstBroken(granted, using, (policy) => narrowed(policy, action, GROUP))
    : ''
  if (narrow === undefined)
    problems.push(`${action} of docs/iam/${file} needs no "*": ${GROUP} is enough in every scenario.`)
  console.log(`${action}${everywhere ? ' on *' : ''} (${file}): ${broken ?? 'NOT NEEDED'}`)
}

/** A scenario makes every call in the source, so that its permission is checked too. */
const checkCalls = (): void => {
  const edge = join(import.meta.dirname, '../../src/edge')
  const called = readdirSync(edge).flatMap((file) =>
    [...readFileSync(join(edge, file), 'utf8').matchAll(/new (\w+)Command\(/g)].map(([, name = '']) => name)
  )
  for (const name of new Set(called))
    if (!operations.has(name) && !ALWAYS_ALLOWED.includes(name))
      problems.push(`No scenario of test/policies/scenarios.ts calls ${name}.`)
}

const check = async (): Promise<void> => {
  const all = await baseline()
  if (problems.length > 0) return
  const granted = grantedActions(PLACE).filter(({ action }) => action.includes(only))
  await side(granted, (one) => checkAction(one, all))
  problems.push(...(await checkTrust()))
  if (only === '') checkCalls()
  if (problems.length === 0) console.log(`${granted.length} actions, each needed by at least one scenario`)
}

await check()
for (const problem of problems) console.error(`\n${problem}`)
process.exitCode = problems.length === 0 ? 0 : 1
