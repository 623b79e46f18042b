import { isOver, type Application, type Deployment, type DeploymentGroup } from './model.js'

/** Everything CodeDeploy remembers. */
export interface State {
  applications: Map<string, Application>
  deployments: Map<string, Deployment>
  /** Service roles without ec2:RunInstances, ec2:CreateTags and iam:PassRole: provisioning fails with them (captures §9). */
  rolesThatCannotLaunch: Set<string>
}

export const createState = (): State => ({
  applications: new Map(),
  deployments: new Map(),
  rolesThatCannotLaunch: new Set()
})

/** The deployments of one group, oldest first. */
export const deploymentsOf = (state: State, group: DeploymentGroup): Deployment[] =>
  [...state.deployments.values()].filter((deployment) => deployment.group === group)

/** The deployment that holds the group, if one does. `autoscaling` ones run beside others unless the switch says so (captures §12). */
export const activeDeployment = (
  state: State,
  group: DeploymentGroup,
  autoscalingLocks: boolean
): Deployment | undefined =>
  deploymentsOf(state, group).find(
    (deployment) => !isOver(deployment) && (autoscalingLocks || deployment.creator !== 'autoscaling')
  )
