import { type DeploymentGroup, unfit } from '../group.js'
import type { CheckedGroup } from './facts.js'
import { factsOf } from '../fault.js'
import { type CheckFinding, ok, problem, warning } from './finding.js'

const AREA = 'Deployment group'
/** GitHub's own machines end every job after six hours. */
export const HOSTED_MINUTES = 360

const KINDS = {
  'in place': 'in place',
  copy: 'blue/green with a copy of its Auto Scaling group',
  fixed: 'blue/green with fleets that take turns'
} as const

/** Where a deployment runs: on the instances that serve, on a copy of their Auto Scaling group, or on another fixed fleet. */
export const kindOf = ({ style, provisioning }: DeploymentGroup): keyof typeof KINDS =>
  style === 'IN_PLACE' ? 'in place' : provisioning === 'DISCOVER_EXISTING' ? 'fixed' : 'copy'

/** What follows from the settings of a deployment group. `hosted`: the job runs on a machine of GitHub's. */
export const groupFindings = ({ group }: CheckedGroup, hosted: boolean): CheckFinding[] => {
  const name = `${group.application}/${group.name}`
  const objection = unfit(group)
  return [
    objection === undefined
      ? ok(AREA, `${name} exists and deploys ${KINDS[kindOf(group)]}`)
      : problem(AREA, objection.message, 'Every deployment to it is refused.', objection.hint),
    ...(group.style === 'IN_PLACE' ? [] : waitFindings(group, hosted)),
    rollbackFinding(group)
  ]
}

/** Whether the service says that there is no such group, or not even its application. */
export const isMissingGroup = (error: unknown): boolean =>
  /^(Application|DeploymentGroup)DoesNotExist/.test(factsOf(error).name)

/** What is missing: the group, or its application too. */
export const missingGroupFindings = (
  { application, group }: { application: string; group: string },
  error: unknown
): CheckFinding[] =>
  factsOf(error).name.startsWith('Application')
    ? [
        missing('Application', application, 'application-name'),
        missing(AREA, `${application}/${group}`, 'deployment-group-name')
      ]
    : [
        ok('Application', `${application} exists`),
        missing(AREA, `${application}/${group}`, 'deployment-group-name')
      ]

const missing = (area: string, name: string, input: string): CheckFinding =>
  problem(
    area,
    `${name} does not exist`,
    'There is nothing to deploy to.',
    `If \`${input}\`, \`aws-region\` and the account are right, run \`command: setup\` with \`dry-run: false\`, which makes it from a setup file (docs/setup.md).`
  )

const waitFindings = ({ waits }: CheckedGroup['group'], hosted: boolean): CheckFinding[] => {
  const minutes = waits.readyMinutes + waits.terminationMinutes
  const found = `it waits ${waits.readyMinutes} min before the traffic moves, and ${waits.terminationMinutes} min before blue is terminated`
  const stops =
    waits.readyAction === 'STOP_DEPLOYMENT'
      ? [
          warning(
            'Waits',
            `a deployment stops after ${waits.readyMinutes} min unless somebody continues it`,
            'The traffic never moves by itself.',
            'Set `deploymentReadyOption` to CONTINUE_DEPLOYMENT, unless a person is meant to release each deployment.'
          )
        ]
      : []
  const length =
    hosted && minutes >= HOSTED_MINUTES
      ? warning(
          'Waits',
          found,
          'A job on a machine of GitHub ends after 360 min, before a run with `wait-for: complete` does.',
          'Shorten `terminationWaitTimeInMinutes`, or use `wait-for: traffic`.'
        )
      : ok('Waits', found)
  return [...stops, length]
}

const rollbackFinding = ({ autoRollbackEvents: events }: CheckedGroup['group']): CheckFinding =>
  events.includes('DEPLOYMENT_FAILURE')
    ? ok('Automatic rollback', `on ${events.join(', ')}`)
    : warning(
        'Automatic rollback',
        events.length === 0 ? 'it is off' : `it is on for ${events.join(', ')}, without DEPLOYMENT_FAILURE`,
        'A failed deployment is not rolled back by CodeDeploy.',
        'Add DEPLOYMENT_FAILURE (`aws deploy update-deployment-group --auto-rollback-configuration …`), or set `auto-rollback-events`.'
      )
