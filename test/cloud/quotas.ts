/** How many of each an account may have; a test may lower them while the cloud runs. */
export interface Quotas {
  /** Target groups of the account. */
  targetGroups: number
  /** Rules of a load balancer, without those that are its listeners' defaults. */
  rules: number
  /** Different target groups that the actions of a load balancer name. */
  targetGroupsPerBalancer: number
  /** Auto Scaling groups of the account. */
  autoScalingGroups: number
  /** Applications of CodeDeploy in the account. */
  applications: number
  /** Deployment groups of an application. */
  deploymentGroups: number
}

/** AWS's own defaults (quotas of ELB, Auto Scaling and CodeDeploy). */
export const QUOTAS: Readonly<Quotas> = {
  targetGroups: 3000,
  rules: 100,
  targetGroupsPerBalancer: 100,
  autoScalingGroups: 500,
  applications: 1000,
  deploymentGroups: 1000
}
