import { CONFIGS, type DeploymentConfig } from './configs.js'
import { isOver, type Application, type Deployment, type DeploymentGroup } from './model.js'

/** Everything that CodeDeploy remembers. */
export interface State {
  configs: Map<string, DeploymentConfig>
  applications: Map<string, Application>
  deployments: Map<string, Deployment>
  /**
   * Service roles without ec2:RunInstances, ec2:CreateTags and iam:PassRole, with which provisioning fails (docs/service.md,
   * captures 9).
   */
  rolesThatCannotLaunch: Set<string>
  /** Service roles without cloudwatch:DescribeAlarms: groups with alarms fail with them unless they ignore that. */
  rolesThatCannotReadAlarms: Set<string>
  /** Service roles, by ARN, with which CodeDeploy cannot do anything. */
  brokenRoles: Map<string, BrokenRole>
}

/** A role that was deleted, or whose trust policy no longer names CodeDeploy. */
export type BrokenRole = 'gone' | 'not-assumable'

export const createState = (): State => ({
  configs: new Map(CONFIGS),
  applications: new Map(),
  deployments: new Map(),
  rolesThatCannotLaunch: new Set(),
  rolesThatCannotReadAlarms: new Set(),
  brokenRoles: new Map()
})

/** The deployments of one group, oldest first. */
export const deploymentsOf = (state: State, group: DeploymentGroup): Deployment[] =>
  [...state.deployments.values()].filter((deployment) => deployment.group === group)

/**
 * The deployment that holds the group, if any. `autoscaling` ones run in parallel unless the switch says otherwise
 * (docs/service.md, captures 12).
 */
export const activeDeployment = (
  state: State,
  group: DeploymentGroup,
  autoscalingLocks: boolean
): Deployment | undefined =>
  deploymentsOf(state, group).find(
    (deployment) => !isOver(deployment) && (autoscalingLocks || deployment.creator !== 'autoscaling')
  )
