import type { Repository } from '../domain/commit.js'
import type { Deployment, Outcome } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import type { AlarmsDuring } from '../domain/alarm.js'
import type { InstanceLog } from '../domain/instance-log.js'
import { trafficMovedAt } from '../domain/phase.js'
import { revisionName } from '../domain/revision.js'
import type { GoingBack } from './changes.js'
import type { Compared } from './copied-group.js'
import type { ScriptFiles } from './script.js'
import type { Times } from './times.js'
import { between } from './units.js'

/** The end of a run; a run that does not wait only has a start. */
export type Ending = Outcome | { name: 'started'; deployment: Deployment }

/** Everything a run reports to people at its end. */
export interface Story extends Times {
  command: 'deploy' | 'rollback'
  ending: Ending
  region: string
  commit?: string | undefined
  /** First line of the commit's message. */
  subject?: string | undefined
  previousCommit?: string | undefined
  /** The deployment that a rollback undoes, when that is not the story's own. */
  undoes?: Deployment | undefined
  /** Who rolled back and why, for a rollback. */
  by?: string | undefined
  reason?: string | undefined
  /** What a rollback changes on the servers. */
  changes?: GoingBack | undefined
  /** Turns commits into links. */
  repository?: Repository | undefined
  /** Which scripts of the bundle can be read on GitHub; undefined where that is not known. */
  scripts?: ScriptFiles | undefined
  /** Id of the deployment group: a folder of the agent on each server. */
  groupId?: string
  /** The Auto Scaling groups that the deployment group refers to at the end; undefined when they were not read. */
  referencedGroups?: readonly string[]
  /** Whether the run deletes the fleet that its deployment left behind, after its report. */
  deletesLeftOver?: boolean
  bundle?: BundleFacts | undefined
  /** What the instances that failed wrote themselves, if that was asked for. */
  logs?: readonly InstanceLog[] | undefined
  /** What the copy of the Auto Scaling group lost, if that was compared. */
  copied?: Compared | undefined
  /** For a rollback of a group with alarms: whether they could stop its deployment. */
  alarms?: AlarmsDuring | undefined
}

/** The bundle in one line. */
export interface BundleFacts {
  /** Bytes of the archive. */
  size: number
  /** Bytes actually uploaded. */
  uploadedBytes: number
  /** SHA-256 over the tree, hex. */
  contentHash: string
  /** `s3://bucket/key?versionId=…` */
  address: string
}

export const targetsOf = (ending: Ending): Target[] => (ending.name === 'started' ? [] : ending.targets)

/**
 * What the service's rollback brought back. In place, it installed the revision that it names. While blue still runs, it
 * moved the traffic to the fleet that served before, whatever its `revision` says (docs/service.md, captures 3).
 */
export const broughtBack = ({
  ending,
  previousCommit
}: {
  ending: Ending
  previousCommit?: string | undefined
}): string | undefined => {
  if (ending.name === 'started' || ending.rollback === undefined) return undefined
  const { style, revision } = ending.rollback
  return style === 'IN_PLACE' ? (revisionName(revision) ?? previousCommit) : previousCommit
}

/** The time until all new instances had traffic, and until the end (now if it still runs; the rollback's end if there was one). */
export const timings = ({
  ending,
  now
}: Pick<Story, 'ending' | 'now'>): { toTrafficMs: number | undefined; totalMs: number } => {
  const { deployment } = ending
  const last = (ending.name === 'started' ? undefined : ending.rollback) ?? deployment
  return {
    toTrafficMs: between(deployment.createdAt, trafficMovedAt(targetsOf(ending))),
    totalMs: between(deployment.createdAt, last.completedAt ?? now) ?? 0
  }
}
