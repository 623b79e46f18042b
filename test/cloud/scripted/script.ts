import type { AgentCommand, AgentResult } from '../contract.js'

/** Where a scripted machine stands: `index` counts the machines of its Auto Scaling group from 0. */
export interface ScriptedPlace {
  instanceId: string
  autoScalingGroup: string
  index: number
}

/** What one lifecycle event does on one scripted machine; what is left out is done by default (a success after `seconds`). */
export interface ScriptedEvent {
  seconds?: number
  /** A failure as the agent would tell it; absent for success. */
  failure?: AgentResult
  /** The agent vanishes in the middle of this event. */
  agentDies?: boolean
}

/** The behavior of a scripted fleet. */
export interface Script {
  /** Service seconds from launch until the agent is up. */
  bootSeconds?: number
  /** Service seconds that an event takes where `event` does not say it. */
  eventSeconds?: number
  event?: (command: AgentCommand, place: ScriptedPlace) => ScriptedEvent | undefined
  /** False for a machine whose agent never asks for work. Asked each time, so it may change. */
  agentAlive?: (place: ScriptedPlace) => boolean
}

/** A failing hook as the agent tells it: script, exit code and log tail (reference §2.3). */
export const scriptFailed = (event: string, script: string, exitCode = 1): AgentResult => ({
  errorCode: 'ScriptFailed',
  scriptName: script,
  message: `Script at specified location: ${script} failed with exit code ${exitCode}`,
  logTail: `LifecycleEvent - ${event}\nScript - ${script}\n[stderr]exit ${exitCode}\n`
})
