import type { Caller, HealthCheck, JsonOperations } from '../contract.js'
import { BALANCER_GROUP } from '../ec2/network.js'
import { SEEDED } from '../ec2/templates.js'
import { VPC } from '../loadbalancing/model.js'
import type { Engine } from './engine/engine.js'
import { makePreviewPlace } from '../preview-place.js'
import type { Seeded, SeedOptions } from './seed-options.js'

export type { Seeded, SeedOptions } from './seed-options.js'

export interface SeedWorld {
  engine: Engine
  codedeploy: JsonOperations
  accountId: string
  region: string
  ending: AbortSignal
}

/** The names of two fleets that take turns, which their instances have as their `Name` tags. */
export const FIXED_FLEETS = ['blue-fleet', 'green-fleet'] as const

const CHECK: HealthCheck = {
  path: '/',
  intervalSeconds: 5,
  timeoutSeconds: 2,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  matcher: '200'
}

/** What the seed of production is called. */
type Names = Omit<Seeded, 'serviceUrl' | 'previews'>

const named = (world: SeedWorld, options: SeedOptions): Names => {
  const applicationName = options.applicationName ?? 'web'
  const style = options.style ?? 'blue-green'
  return {
    applicationName,
    deploymentGroupName: options.deploymentGroupName ?? `${applicationName}-${style}`,
    autoScalingGroupName:
      options.autoScalingGroupName ??
      (options.fixedFleets === undefined ? `${applicationName}-${style}` : FIXED_FLEETS[0]),
    targetGroupName: options.targetGroupName ?? `${applicationName}-${style}`,
    serviceRoleArn: `arn:aws:iam::${world.accountId}:role/CodeDeployServiceRole`
  }
}

/**
 * Creates a fleet, a target group with its listener, an application and a deployment group; resolves when the fleet is in
 * service.
 */
export const seed = async (world: SeedWorld, options: SeedOptions = {}): Promise<Seeded> => {
  const production = await seedProduction(world, options)
  if (options.previews !== true) return production
  const { balancers, fleets, network } = world.engine
  return {
    ...production,
    previews: await makePreviewPlace({ balancers, network, templates: fleets.templates })
  }
}

const seedProduction = async (world: SeedWorld, options: SeedOptions): Promise<Seeded> => {
  const names = named(world, options)
  if (options.empty === true)
    return { ...names, serviceUrl: await createBalancer(world, names.targetGroupName, options) }
  const count = options.instances ?? 2
  createFleet(world, names, count)
  const [, second] = FIXED_FLEETS
  if (options.fixedFleets !== undefined) createFleet(world, { ...names, autoScalingGroupName: second }, count)
  const serviceUrl =
    options.trafficControl === false ? '' : await createBalancer(world, names.targetGroupName, options)
  const { fleets, targetGroups } = world.engine
  const isUp = (name: string): boolean => fleets.inService(name).length >= count
  await fleets.until(
    () => isUp(names.autoScalingGroupName) && (options.fixedFleets === undefined || isUp(second)),
    world.ending
  )
  const balancer = targetGroups.byName(names.targetGroupName)
  if (options.trafficControl !== false && balancer !== undefined) {
    for (const instance of fleets.inService(names.autoScalingGroupName))
      targetGroups.register(balancer, instance.machine)
  }
  if (options.roleCannotLaunch === true) world.engine.state.rolesThatCannotLaunch.add(names.serviceRoleArn)
  if (options.roleCannotReadAlarms === true)
    world.engine.state.rolesThatCannotReadAlarms.add(names.serviceRoleArn)
  await createGroup(world, names, options)
  return { ...names, serviceUrl }
}

const createFleet = (
  { engine, region }: SeedWorld,
  { autoScalingGroupName: name, applicationName }: Names,
  count: number
): void => {
  engine.fleets.create({
    name,
    min: Math.min(1, count),
    max: Math.max(4, count * 2),
    desired: count,
    availabilityZones: [`${region}a`, `${region}b`],
    vpcZoneIdentifier: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
    healthCheckType: 'EC2',
    healthCheckGracePeriod: 0,
    defaultCooldown: 300,
    terminationPolicies: ['Default'],
    newInstancesProtectedFromScaleIn: false,
    launchTemplate: { ...SEEDED, version: '$Latest' },
    tags: [
      { key: 'Name', value: name, propagate: true },
      // The one that docs/iam/optional-instance-logs.json asks for.
      { key: 'codedeploy-instance-logs', value: applicationName, propagate: true }
    ],
    targetGroupArns: []
  })
}

const createBalancer = async (
  { engine: { balancers, network, targetGroups } }: SeedWorld,
  name: string,
  options: SeedOptions
): Promise<string> => {
  const group = targetGroups.create(name, { check: { ...CHECK, ...options.healthCheck } })
  if (options.deregistrationDelaySeconds !== undefined) {
    group.attributes.set('deregistration_delay.timeout_seconds', String(options.deregistrationDelaySeconds))
  }
  const balancer = balancers.create({
    ...{ name: `${name}-lb`, scheme: 'internet-facing', vpcId: VPC, tags: new Map() },
    subnets: network
      .subnets()
      .flatMap(({ id, vpcId }) => (vpcId === VPC ? [id] : []))
      .slice(0, 2),
    securityGroups: [BALANCER_GROUP]
  })
  const action = { type: 'forward', groups: [{ arn: group.arn, weight: 1 }] } as const
  const wish = { balancer, protocol: 'HTTP', asked: 80, action, tags: new Map() }
  return (await balancers.listen(wish)).plane.url
}

const createGroup = async (world: SeedWorld, names: Names, options: SeedOptions): Promise<void> => {
  const caller: Caller = { arn: `arn:aws:iam::${world.accountId}:root`, accountId: world.accountId }
  const call = async (operation: string, input: Record<string, unknown>): Promise<void> => {
    await world.codedeploy[operation]?.(input, caller)
  }
  if (!world.engine.state.applications.has(names.applicationName)) {
    await call('CreateApplication', { applicationName: names.applicationName, computePlatform: 'Server' })
  }
  await call('CreateDeploymentGroup', {
    applicationName: names.applicationName,
    deploymentGroupName: names.deploymentGroupName,
    deploymentConfigName: options.deploymentConfigName ?? 'CodeDeployDefault.AllAtOnce',
    serviceRoleArn: names.serviceRoleArn,
    ...(options.fixedFleets === 'tags'
      ? { ec2TagFilters: [{ Key: 'Name', Value: names.autoScalingGroupName, Type: 'KEY_AND_VALUE' }] }
      : { autoScalingGroups: [names.autoScalingGroupName] }),
    ...styleOf(options),
    ...(options.trafficControl === false
      ? {}
      : { loadBalancerInfo: { targetGroupInfoList: [{ name: names.targetGroupName }] } }),
    autoRollbackConfiguration: {
      enabled: (options.autoRollbackEvents ?? []).length > 0,
      events: options.autoRollbackEvents ?? []
    },
    ...alarmsOf(world, options)
  })
}

const alarmsOf = ({ engine }: SeedWorld, options: SeedOptions): object => {
  const names = options.alarms ?? []
  for (const name of names) {
    engine.alarms.put(name)
    engine.alarms.set(name, 'OK')
  }
  if (names.length === 0) return {}
  const ignorePollAlarmFailure = options.ignorePollAlarmFailure ?? false
  return {
    alarmConfiguration: { enabled: true, ignorePollAlarmFailure, alarms: names.map((name) => ({ name })) }
  }
}

const styleOf = (options: SeedOptions): object => {
  const deploymentOption =
    options.trafficControl === false ? 'WITHOUT_TRAFFIC_CONTROL' : 'WITH_TRAFFIC_CONTROL'
  if (options.style === 'in-place')
    return { deploymentStyle: { deploymentType: 'IN_PLACE', deploymentOption } }
  return {
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption },
    blueGreenDeploymentConfiguration: {
      terminateBlueInstancesOnDeploymentSuccess:
        options.blueAction === 'KEEP_ALIVE'
          ? { action: 'KEEP_ALIVE' }
          : { action: 'TERMINATE', terminationWaitTimeInMinutes: options.terminationWaitMinutes ?? 5 },
      deploymentReadyOption: {
        actionOnTimeout: options.readyAction ?? 'CONTINUE_DEPLOYMENT',
        waitTimeInMinutes: options.readyWaitMinutes ?? 0
      },
      greenFleetProvisioningOption: {
        action: options.fixedFleets === undefined ? 'COPY_AUTO_SCALING_GROUP' : 'DISCOVER_EXISTING'
      }
    }
  }
}
