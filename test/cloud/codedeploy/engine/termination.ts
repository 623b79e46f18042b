import { untilAborted } from '../../autoscaling/abort.js'
import type { Engine, Run } from './engine.js'
import { repoint } from './hooks.js'
import { SUSPENDED } from './provision.js'
import { waitOrContinue } from './waits.js'

/**
 * What follows the traffic. Green gets its processes back and becomes the group's own, before the wait (docs/service.md,
 * captures 7 leave the moment open). Then blue waits and is terminated with its Auto Scaling group (docs/service.md, reference
 * 3), or is kept.
 */
export const settle = async (engine: Engine, run: Run): Promise<void> => {
  const { deployment } = run
  const { blue, green } = deployment
  if (blue === undefined || green === undefined) return
  resume(engine, green.group)
  repoint(engine, deployment.group, { from: blue.group, to: green.group })
  if (!(await waitForEnd(engine, run))) return
  if (engine.fleets.find(blue.group) === undefined) return
  engine.journal.note('autoscaling', 'DeleteAutoScalingGroup', {
    autoScalingGroupName: blue.group,
    forceDelete: true
  })
  await untilAborted(engine.fleets.remove(blue.group, true), run.signal)
}

/** The wait before blue is terminated; false when blue is kept. */
export const waitForEnd = async (engine: Engine, run: Run): Promise<boolean> => {
  const { deployment } = run
  const option = deployment.blueGreen?.terminateBlueInstancesOnDeploymentSuccess
  if (option?.action !== 'TERMINATE') return false
  deployment.phase = 'termination-wait'
  deployment.terminationWaitStarted = engine.switches.terminationFlag === 'true'
  await waitOrContinue(engine, run, (option.terminationWaitTimeInMinutes ?? 0) * 60_000)
  deployment.phase = 'terminating'
  return true
}

/** Resumes green's processes, which were suspended for the shift. */
export const resume = (engine: Engine, autoScalingGroup: string): void => {
  const fleet = engine.fleets.find(autoScalingGroup)
  if (fleet === undefined) return
  for (const process of SUSPENDED) fleet.suspended.delete(process)
  engine.journal.note('autoscaling', 'ResumeProcesses', {
    autoScalingGroupName: autoScalingGroup,
    scalingProcesses: SUSPENDED
  })
}
