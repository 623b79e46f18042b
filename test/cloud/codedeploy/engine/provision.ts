import { PROVISIONING_TAG } from '../../autoscaling/fleet-state.js'
import type { AutoScalingGroup } from '../../autoscaling/model.js'
import { copiedSettings, copyExtras } from './copy.js'
import type { Engine, Run } from './engine.js'
import { DeploymentFailure, noBlueInstances, roleCannotLaunch, templateIsGone } from './failure.js'

/** The processes that CodeDeploy suspends on green until the traffic has moved (docs/service.md, captures 7). */
export const SUSPENDED = ['AddToLoadBalancer', 'AlarmNotification', 'ScheduledActions']
const PROVISION_MS = 60 * 60_000

/**
 * Copies the group's Auto Scaling group (docs/service.md, captures 7), and waits until as many instances are in service as blue
 * has.
 */
export const provision = async (engine: Engine, run: Run): Promise<void> => {
  const { deployment } = run
  deployment.phase = 'provision'
  const source = engine.fleets.find(deployment.group.autoScalingGroups[0] ?? '')
  const blue = source === undefined ? [] : engine.fleets.inService(source.name).map((instance) => instance.id)
  if (source === undefined || blue.length === 0) throw noBlueInstances()
  if (engine.state.rolesThatCannotLaunch.has(deployment.group.serviceRoleArn)) {
    throw roleCannotLaunch(deployment.group.serviceRoleArn)
  }
  refuseGoneTemplate(engine, source)
  deployment.blue = { group: source.name, instances: blue }
  const name = copyGroup(engine, run, source)
  deployment.green = { group: name, instances: [] }
  scaleUp(engine, { name, min: Math.min(source.min, blue.length), desired: blue.length })
  await untilInService(engine, run, { name, count: blue.length })
  deployment.green.instances = engine.fleets.inService(name).map((instance) => instance.id)
  for (const process of SUSPENDED) engine.fleets.find(name)?.suspended.add(process)
  engine.journal.note('autoscaling', 'SuspendProcesses', {
    autoScalingGroupName: name,
    scalingProcesses: SUSPENDED
  })
}

const refuseGoneTemplate = ({ fleets, switches }: Engine, { launchTemplate }: AutoScalingGroup): void => {
  if (launchTemplate === undefined || !fleets.goneTemplates.has(launchTemplate.id)) return
  if (switches.goneTemplate !== 'launches-nothing')
    throw templateIsGone(switches.goneTemplate, launchTemplate.id)
}

const copyGroup = (engine: Engine, run: Run, source: AutoScalingGroup): string => {
  const name = `CodeDeploy_${run.deployment.group.name}_${run.deployment.id}`
  const { tags, ...settings } = copiedSettings(source, engine.switches.copyLoses)
  const copy = {
    name,
    availabilityZones: source.availabilityZones,
    vpcZoneIdentifier: source.vpcZoneIdentifier,
    ...settings,
    ...(source.launchTemplate === undefined ? {} : { launchTemplate: source.launchTemplate }),
    ...(source.launchConfigurationName === undefined
      ? {}
      : { launchConfigurationName: source.launchConfigurationName }),
    min: 0,
    max: source.max,
    desired: 0,
    tags: [...tags, { key: PROVISIONING_TAG, value: run.deployment.id, propagate: true }],
    targetGroupArns: []
  }
  copyExtras(source, engine.fleets.create(copy), engine.switches.copyLoses)
  engine.journal.note('autoscaling', 'CreateAutoScalingGroup', copy)
  return name
}

const scaleUp = (engine: Engine, sizes: { name: string; min: number; desired: number }): void => {
  const { name, min, desired } = sizes
  engine.journal.note('autoscaling', 'UpdateAutoScalingGroup', {
    autoScalingGroupName: name,
    minSize: min,
    desiredCapacity: desired
  })
  engine.fleets.resize(name, { min, desired })
}

const untilInService = async (
  engine: Engine,
  run: Run,
  { name, count }: { name: string; count: number }
): Promise<void> => {
  const over = new AbortController()
  const signal = AbortSignal.any([run.signal, over.signal])
  const late = engine.clock.sleep(PROVISION_MS, signal).then(
    () => over.abort(),
    () => undefined
  )
  try {
    await engine.fleets.until(() => engine.fleets.inService(name).length >= count, signal)
  } catch {
    run.signal.throwIfAborted()
    throw new DeploymentFailure(
      'TIMEOUT',
      `The Auto Scaling group ${name} did not bring ${count} instances into service in time.`
    )
  } finally {
    over.abort()
    await late
  }
}
