/**
 * Behavior that nobody has seen on live AWS (marked open in docs/service.md) is a switch. The first value is the default; tests
 * run the action with every value.
 */
export interface Switches {
  /** Where ListDeploymentTargets shows blue targets. */
  blueTargetsAppear: 'at-traffic' | 'from-start'
  /** Whether blue's events wait for all green ones or are interleaved with them. */
  trafficOrder: 'barrier' | 'interleaved'
  /** ListDeploymentTargets before any target exists. */
  notStarted: 'exception' | 'empty-list'
  /** Whether `Ready` appears briefly with CONTINUE_DEPLOYMENT. */
  readyBlink: 'never' | 'once'
  /** instanceTerminationWaitTimeStarted during the wait. */
  terminationFlag: 'true' | 'stays-false'
  /** StopDeployment while the traffic moves. */
  stopWhileShifting: 'rollback' | 'refused' | 'succeeds-anyway' | 'no-rollback'
  /** StopDeployment with rollback in the termination wait. */
  stopInTerminationWait: 'rollback' | 'refused' | 'succeeds-anyway' | 'no-rollback'
  /**
   * `revision` of the service's own rollback while blue is running: the last successful one, or that of the fleet which gets
   * the traffic.
   */
  rollbackRevision: 'last-successful' | 'former'
  /** The Auto Scaling group of the deployment group after a stop in the termination wait without a rollback. */
  stopInWaitRefersTo: 'green' | 'blue'
  /** Whether blue instances count in deploymentOverview. */
  overviewCountsBlue: 'no' | 'yes'
  /** Whether an `autoscaling` deployment locks the group. */
  autoscalingLocks: 'no' | 'yes'
  /** Whether a group refers to green after a deployment between two fixed fleets (DISCOVER_EXISTING), as it does after a copy. */
  fixedFleetsSwap: 'yes' | 'no'
  /** What terminating a fixed blue fleet ends: its Auto Scaling group too, or its instances, which the group launches anew. */
  fixedBlueEnds: 'with-its-group' | 'instances-only'
  /**
   * What the copy of an Auto Scaling group does not get: what nobody has seen copied (docs/service.md, captures 7: all but launch and
   * health settings, plain tags, simple scaling policies and notifications); nothing; or everything that a group can exist without.
   */
  copyLoses: 'what-is-unproven' | 'nothing' | 'everything'
  /**
   * What CodeDeploy's launch hook does with a new instance while the group has no successful deployment: completes it, leaves it to its
   * timeout, or abandons the instance.
   */
  launchHookBeforeFirstDeployment: 'continues' | 'waits' | 'abandons'
  /** DeleteDeploymentGroup with a broken service role: whether the hooks stay and the answer names them, or it is refused. */
  groupDeletedWithBrokenRole: 'hooks-stay' | 'refused'
  /** When GetDeployment first names the green group. */
  greenGroupNamed: 'when-made' | 'at-the-end'
  /** `revision` of a deployment with deploymentMode RESTART, for which none may be given: absent, or the one that it restarts. */
  restartRevision: 'absent' | 'restarted'
  /** Whether an active alarm stops the service's own rollback as well. */
  alarmStopsRollback: 'no' | 'yes'
  /** Whether alarms are still watched once the traffic has moved and blue only waits to be terminated. */
  alarmInTerminationWait: 'unwatched' | 'stops'
  /** What a role without codedeploy:UpdateDeploymentGroup reads when it sends overrideAlarmConfiguration. */
  overrideRefusal: 'names-the-right' | 'names-nothing'
  /** A service role that is gone, or that CodeDeploy may not assume: whether the deployment is created and fails, or is refused. */
  brokenRole: 'fails' | 'refused'
  /**
   * A launch template that is gone: the code with which provisioning fails, or whether the copied group is created and never
   * launches anything.
   */
  goneTemplate: 'AUTO_SCALING_CONFIGURATION' | 'AUTOSCALING_VALIDATION_ERROR' | 'launches-nothing'
  /**
   * CreateTargetGroup with the name and the settings of a group that exists, but with other tags: whether it is refused as another
   * group would be, or answers the one that exists, with the tags that it has.
   */
  sameNameOtherTags: 'refused' | 'answers-the-first'
  /** Whether the instances show their latest console output: those of types on Nitro do, others refuse. */
  latestConsole: 'shown' | 'refused'
  /** The form of the OIDC token's `sub`. */
  subject: 'names' | 'names-and-ids'
  /**
   * What goes wrong with the servers of a fleet that CodeDeploy copies, or that a call makes: Auto Scaling cannot launch them (`no-capacity`, `no-image`,
   * `not-allowed`); a launch hook holds them (`held`); they take minutes to boot (`slow-boot`); they have no instance profile or no
   * agent (`no-profile`, `no-agent`); or their agents vanish in the middle of an event (`agent-dies`).
   */
  newFleet: NewFleet
}

export type NewFleet =
  | 'works'
  | 'no-capacity'
  | 'no-image'
  | 'not-allowed'
  | 'held'
  | 'slow-boot'
  | 'no-profile'
  | 'no-agent'
  | 'agent-dies'

export const defaultSwitches: Switches = {
  blueTargetsAppear: 'at-traffic',
  trafficOrder: 'barrier',
  notStarted: 'exception',
  readyBlink: 'never',
  terminationFlag: 'true',
  stopWhileShifting: 'rollback',
  stopInTerminationWait: 'rollback',
  rollbackRevision: 'last-successful',
  stopInWaitRefersTo: 'green',
  overviewCountsBlue: 'no',
  autoscalingLocks: 'no',
  fixedFleetsSwap: 'yes',
  fixedBlueEnds: 'with-its-group',
  copyLoses: 'what-is-unproven',
  launchHookBeforeFirstDeployment: 'continues',
  groupDeletedWithBrokenRole: 'hooks-stay',
  greenGroupNamed: 'when-made',
  restartRevision: 'absent',
  alarmStopsRollback: 'no',
  alarmInTerminationWait: 'unwatched',
  overrideRefusal: 'names-the-right',
  brokenRole: 'fails',
  goneTemplate: 'AUTO_SCALING_CONFIGURATION',
  sameNameOtherTags: 'refused',
  latestConsole: 'shown',
  subject: 'names',
  newFleet: 'works'
}
