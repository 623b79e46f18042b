import { readAlarms } from './alarm-settings.js'
import { readBlueGreen } from './blue-green-settings.js'
import { configNamed } from './config-operations.js'
import { DEFAULT_CONFIG } from './configs.js'
import { flag, structure, text, texts, type Input } from './input.js'
import type { DeploymentStyle, GroupSettings, LoadBalancerInfo } from './model.js'
import type { Plane } from './plane.js'
import { refuse } from './refusal.js'
import { readAutoRollback } from './rollback-settings.js'

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/.+/
/** The service's own message (docs/service.md, captures 9). */
const NO_BALANCER =
  'The specification for load balancing in the deployment group is invalid. The deploymentOption value is set to WITH_TRAFFIC_CONTROL, but either no load balancer was specified in elbInfoList or no target group was specified in targetGroupInfoList.'
/** The service's own spelling (docs/service.md, reference 2.6). */
const ONE_GROUP =
  'Exactly one AutoScaling group must be specifed when selecting the COPY_AUTO_SCALING_GROUP green fleet provisioning option.'

/** Reads the settings of CreateDeploymentGroup and UpdateDeploymentGroup; what an update leaves out stays as in `before`. */
export const readSettings = (plane: Plane, input: Input, before?: GroupSettings): GroupSettings => {
  const settings: GroupSettings = {
    deploymentConfigName: configNamed(
      plane.engine.state,
      text(input, 'deploymentConfigName') ?? before?.deploymentConfigName ?? DEFAULT_CONFIG
    ).name,
    serviceRoleArn: roleOf(input, before),
    autoScalingGroups:
      input['autoScalingGroups'] === undefined
        ? (before?.autoScalingGroups ?? [])
        : texts(input, 'autoScalingGroups'),
    ec2TagFilters: (input['ec2TagFilters'] ?? before?.ec2TagFilters ?? []) as GroupSettings['ec2TagFilters'],
    style: styleOf(input, before),
    outdatedInstancesStrategy:
      (text(input, 'outdatedInstancesStrategy') ?? before?.outdatedInstancesStrategy) === 'IGNORE'
        ? 'IGNORE'
        : 'UPDATE',
    terminationHookEnabled:
      input['terminationHookEnabled'] === undefined
        ? (before?.terminationHookEnabled ?? false)
        : flag(input, 'terminationHookEnabled')
  }
  const optional = {
    blueGreen: readBlueGreen(input) ?? before?.blueGreen,
    loadBalancer: readBalancer(input) ?? before?.loadBalancer,
    autoRollback: readAutoRollback(input) ?? before?.autoRollback,
    alarms: readAlarms(input, 'alarmConfiguration') ?? before?.alarms,
    ec2TagSet: structure(input, 'ec2TagSet') ?? before?.ec2TagSet
  }
  const whole = {
    ...settings,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  }
  checkFleets(plane, whole, input)
  checkBalancer(whole)
  return whole
}

const roleOf = (input: Input, before?: GroupSettings): string => {
  const role = text(input, 'serviceRoleArn') ?? before?.serviceRoleArn
  if (role === undefined) return refuse('RoleRequiredException', 'The serviceRoleArn is required.')
  return ROLE.test(role) ? role : refuse('InvalidRoleException', 'Cannot assume role provided.')
}

const styleOf = (input: Input, before?: GroupSettings): DeploymentStyle => {
  const given = structure(input, 'deploymentStyle')
  if (given === undefined) {
    return before?.style ?? { deploymentType: 'IN_PLACE', deploymentOption: 'WITHOUT_TRAFFIC_CONTROL' }
  }
  const type = text(given, 'deploymentType') ?? 'IN_PLACE'
  const option = text(given, 'deploymentOption') ?? 'WITHOUT_TRAFFIC_CONTROL'
  if (type !== 'IN_PLACE' && type !== 'BLUE_GREEN') {
    return refuse(
      'InvalidDeploymentStyleException',
      `The deploymentType '${type}' is not one of IN_PLACE, BLUE_GREEN.`
    )
  }
  if (option !== 'WITH_TRAFFIC_CONTROL' && option !== 'WITHOUT_TRAFFIC_CONTROL') {
    return refuse(
      'InvalidDeploymentStyleException',
      `The deploymentOption '${option}' is not one of WITH_TRAFFIC_CONTROL, WITHOUT_TRAFFIC_CONTROL.`
    )
  }
  return { deploymentType: type, deploymentOption: option }
}

const readBalancer = (input: Input): LoadBalancerInfo | undefined => {
  const given = structure(input, 'loadBalancerInfo')
  if (given === undefined) return undefined
  if (given['targetGroupPairInfoList'] !== undefined) {
    refuse('InvalidLoadBalancerInfoException', 'Target group pairs are for the Amazon ECS platform only.')
  }
  return given
}

const checkBalancer = ({ style, loadBalancer }: GroupSettings): void => {
  const named = [...(loadBalancer?.elbInfoList ?? []), ...(loadBalancer?.targetGroupInfoList ?? [])]
  if (style.deploymentOption === 'WITH_TRAFFIC_CONTROL' && named.length === 0) {
    refuse('InvalidLoadBalancerInfoException', NO_BALANCER)
  }
}

// COPY requires its one group in every request, even in an update that changes something else (docs/service.md, reference 2.6).
const checkFleets = ({ engine }: Plane, settings: GroupSettings, input: Input): void => {
  if (settings.style.deploymentType === 'BLUE_GREEN' && settings.blueGreen === undefined) {
    refuse(
      'InvalidBlueGreenDeploymentConfigurationException',
      'A blue/green deployment group needs a blueGreenDeploymentConfiguration.'
    )
  }
  const copies = settings.blueGreen?.greenFleetProvisioningOption.action === 'COPY_AUTO_SCALING_GROUP'
  if (copies && texts(input, 'autoScalingGroups').length !== 1) {
    refuse('InvalidBlueGreenDeploymentConfigurationException', ONE_GROUP)
  }
  for (const name of settings.autoScalingGroups) {
    if (engine.fleets.find(name) === undefined) {
      refuse('InvalidAutoScalingGroupException', `The Auto Scaling group ${name} does not exist.`)
    }
  }
}
