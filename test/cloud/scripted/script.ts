import type { AgentCommand, AgentResult, ShellResult } from '../contract.js'

/** Which scripted machine it is: `index` counts the machines of its Auto Scaling group from 0. */
export interface ScriptedPlace {
  instanceId: string
  autoScalingGroup: string
  index: number
}

/** What one lifecycle event does on one scripted machine; by default it succeeds after `seconds`. */
export interface ScriptedEvent {
  seconds?: number
  /** A failure as the agent would report it; absent for a success. */
  failure?: AgentResult
  /** The agent vanishes in the middle of this event. */
  agentDies?: boolean
}

/** The behavior of a scripted fleet. */
export interface Script {
  /** Service seconds from launch until the agent has started. */
  bootSeconds?: number
  /** Service seconds for an event if `event` does not say. */
  eventSeconds?: number
  event?: (command: AgentCommand, place: ScriptedPlace) => ScriptedEvent | undefined
  /** False for a machine whose agent never asks for work. Read each time, so that it may change. */
  agentAlive?: (place: ScriptedPlace) => boolean
  /** What a shell script does that the SSM agent runs; by default it prints nothing and succeeds. */
  shell?: (script: string, place: ScriptedPlace) => Partial<ShellResult> & { seconds?: number }
  /** What a machine has written to its console. */
  console?: (place: ScriptedPlace) => string
}

/** A failing hook as the agent reports it: script, exit code and log tail (docs/service.md, reference 2.3). */
export const scriptFailed = (event: string, script: string, exitCode = 1): AgentResult => ({
  errorCode: 'ScriptFailed',
  scriptName: script,
  message: `Script at specified location: ${script} failed with exit code ${exitCode}`,
  logTail: `LifecycleEvent - ${event}\nScript - ${script}\n[stderr]exit ${exitCode}\n`
})
