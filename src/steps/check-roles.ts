import type { CheckReads } from '../check-port.js'
import type { CheckedGroup, CheckedTemplate } from '../domain/check/facts.js'
import { type CheckFinding, dependent, judged, type Reading, unread } from '../domain/check/finding.js'
import {
  instanceRightsFindings,
  LAUNCH_ACTIONS,
  nameIn,
  PASS_ACTION,
  profileRoleFindings,
  serviceRightsFindings,
  serviceRoleFindings
} from '../domain/check/roles.js'
import { settle } from './check-reads.js'

/** The lines about what roles may do, which need the launch template. */
export const ROLE_AREAS = ['Rights of the service role', 'Rights of the instances'] as const

type RoleReads = Pick<CheckReads, 'role' | 'roleOfProfile' | 'refused'>

/** Whether CodeDeploy may act for the group. */
export const checkServiceRole = async (
  { serviceRole }: CheckedGroup,
  reads: RoleReads
): Promise<CheckFinding[]> =>
  judged('Service role', 'GetRole', await settle(reads.role(nameIn(serviceRole))), (role) =>
    serviceRoleFindings(serviceRole, role)
  )

/**
 * Whether CodeDeploy may launch what the template describes, and whether the instances may read the bundles. `objects`: the ARN of the
 * bundles; undefined if no bucket is checked.
 */
export const checkLaunchedRoles = async (
  { serviceRole }: CheckedGroup,
  { instanceProfile }: CheckedTemplate,
  { copies, objects, reads }: { copies: boolean; objects: string | undefined; reads: RoleReads }
): Promise<CheckFinding[]> => {
  if (instanceProfile === undefined) return copies ? ofServiceRole(serviceRole, undefined, reads) : []
  const profile = nameIn(instanceProfile)
  const found = await settle(reads.roleOfProfile(profile))
  const role = 'value' in found ? found.value : undefined
  const [ofService, ofInstances] = await Promise.all([
    copies ? ofServiceRole(serviceRole, role, reads) : [],
    ofInstanceRole(profile, found, { objects, reads })
  ])
  return [...ofService, ...ofInstances]
}

const ofServiceRole = async (
  serviceRole: string,
  instanceRole: string | undefined,
  reads: RoleReads
): Promise<CheckFinding[]> => {
  const simulated = await settle(
    Promise.all([
      reads.refused({ role: serviceRole, actions: LAUNCH_ACTIONS }),
      instanceRole === undefined
        ? []
        : reads.refused({
            ...{ role: serviceRole, actions: [PASS_ACTION], resource: instanceRole },
            passedTo: 'ec2.amazonaws.com'
          })
    ])
  )
  return judged('Rights of the service role', 'SimulatePrincipalPolicy', simulated, (refused) =>
    serviceRightsFindings(serviceRole, refused.flat())
  )
}

const ofInstanceRole = async (
  profile: string,
  found: Reading<string | undefined>,
  { objects, reads }: { objects: string | undefined; reads: RoleReads }
): Promise<CheckFinding[]> => {
  if ('error' in found) return [unread('Rights of the instances', 'GetInstanceProfile', found.error)]
  const role = found.value
  if (role === undefined) return profileRoleFindings(profile)
  if (objects === undefined) return [dependent('Rights of the instances', '`s3-bucket`')]
  const simulated = await settle(reads.refused({ role, actions: ['s3:GetObject'], resource: objects }))
  return judged('Rights of the instances', 'SimulatePrincipalPolicy', simulated, (refused) =>
    instanceRightsFindings(role, objects, refused)
  )
}
