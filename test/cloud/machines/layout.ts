import path from 'node:path'
import type { AgentCommand } from '../contract.js'

/** The agent's folders, as the machine sees them (docs/service.md, reference 2.2, 2.3 and 6.3). */
export const agentHome = '/opt/codedeploy-agent'
export const deploymentRoot = path.join(agentHome, 'deployment-root')
export const instructions = path.join(deploymentRoot, 'deployment-instructions')
export const agentLog = '/var/log/aws/codedeploy-agent/codedeploy-agent.log'

/** The folder of one deployment on a machine. */
export const deploymentFolder = ({ deploymentGroupId, deploymentId }: AgentCommand): string =>
  path.join(deploymentRoot, deploymentGroupId, deploymentId)

/** The unpacked revision of a deployment. */
export const archiveOf = (folder: string): string => path.join(folder, 'deployment-archive')

/** Files that record which deployment's scripts run for which event, and what the previous revision installed where. */
export const lastSuccessful = (group: string): string =>
  path.join(instructions, `${group}_last_successful_install`)
export const mostRecent = (group: string): string => path.join(instructions, `${group}_most_recent_install`)
export const cleanupFile = (group: string): string => path.join(instructions, `${group}-cleanup`)
export const installFile = (group: string): string => path.join(instructions, `${group}-install.json`)
