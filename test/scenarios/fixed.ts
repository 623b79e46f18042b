import { expect } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { rolePolicy } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import type { StartOptions } from '../cloud/start.js'
import { commitOf } from './app.js'
import { changing, openScriptedStage, readable, type Settings, type Stage } from './stage.js'

/** Names one fixed fleet, or both. */
export const named = (value: string, more: Record<string, string> = {}): Settings => ({
  inputs: { 'green-auto-scaling-group': value, ...more }
})

/** The same in every workflow of the group. */
export const BOTH = named('blue-fleet, green-fleet')
export const TAGS = { inputs: { 'green-tags': 'Name=blue-fleet\nName=green-fleet' } }

/** A cloud with two fixed fleets that answer from a table. */
export const openFixed = (options: StartOptions = {}): Promise<Stage> =>
  openScriptedStage({ fixedFleets: 'groups', ...options })

/** Lets the role ask what is optional: which instances the fleets have, and which of them serve. */
export const allowAsking = ({ cloud }: Stage): void => {
  cloud.role.policy = rolePolicy(PLACE, 'optional-target-health.json', 'optional-waiting-reasons.json')
}

/** The fleets to which the deployments so far went; undefined for those of the service. */
export const greens = ({ cloud }: Stage): unknown[] =>
  cloud.planes.inspect.deployments().map(({ targetInstances }) => targetInstances?.autoScalingGroups[0])

/** All instances that exist. */
export const ids = ({ cloud }: Stage): string[] =>
  cloud.planes.inspect.fleets.allInstances().map(({ id }) => id)

export const expectLive = (run: ActionRun, version: string): void => {
  expect({ code: run.code, live: run.outputs['live-commit'] }).toEqual({ code: 0, live: commitOf(version) })
}

/** A call as a person with the AWS CLI sends it. */
export const asPerson = async (
  { cloud }: Stage,
  operation: string,
  input: Record<string, unknown>
): Promise<void> => {
  await cloud.planes.codedeploy[operation]?.(input, { arn: 'arn:aws:iam::1:root', accountId: '1' })
}

/** The run fails with this message, and has changed nothing. */
export const expectRefused = async (
  stage: Stage,
  work: () => Promise<ActionRun>,
  message: string | RegExp
): Promise<void> => {
  const { run, changes } = await changing(stage, work)
  expect({ code: run.code, changes }).toEqual({ code: 1, changes: [] })
  if (typeof message === 'string') expect(readable(run)).toContain(message)
  else expect(readable(run)).toMatch(message)
}
