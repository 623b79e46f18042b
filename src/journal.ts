import type { Deployment, Started } from './domain/deployment.js'
import type { News } from './domain/event-changes.js'
import type { Runner } from './ports.js'
import { withoutSeal } from './domain/description.js'
import { type EventChange, hasFailed } from './domain/event.js'
import type { DeploymentGroup } from './domain/group.js'
import { phaseOf } from './domain/phase.js'
import { failureAnnotation } from './report/annotation.js'
import { deploymentUrl } from './report/console-link.js'
import { failureLines } from './report/failure.js'
import { logTitle } from './report/instance-logs.js'
import { reasonLines } from './report/reasons.js'
import { eventLine, phaseHeading } from './report/lines.js'
import type { Paint } from './report/style.js'
import type { Times, Zone } from './report/times.js'
import { tallyLine } from './report/tally.js'
import { trafficLine } from './report/traffic.js'
import { heartbeatLine, waitLine } from './report/waits.js'
import { wayOnLines } from './report/way-on.js'

/** Writes the job's log: a group for each phase with events, a line for each change; waits and failures outside of any group. */
export interface Journal {
  say: (sentence: string) => void
  /** Opens a group of lines and closes the previous one. */
  section: (title: string) => void
  close: () => void
  started: (started: Started) => void
  /** This deployment is being stopped on purpose: from now on its failures are ordinary lines. */
  stopping: (deployment: Deployment) => void
  tell: (news: News) => void
}

export interface JournalOptions {
  runner: Runner
  paint: Paint
  now: () => number
  zone: Zone
  region: string
  /** The bundled folder, relative to the workspace, for annotations on hook scripts; undefined for a ready archive or a rollback. */
  source?: string | undefined
  group: DeploymentGroup
}

const FLEETS = 'Green is the fleet with the new revision, blue the fleet that served before it.'

export const journal = (options: JournalOptions): Journal => {
  const { runner, paint, zone } = options
  const times = (): Times => ({ now: new Date(options.now()), zone })
  let open = false
  let heading = ''
  let toldTraffic = ''
  let isExplained = false
  const toldFailures = new Set<string>()
  const stoppedOnPurpose = new Set<string>()

  const close = (): void => {
    if (open) runner.endGroup()
    open = false
  }
  const section = (title: string): void => {
    close()
    runner.group(title)
    open = true
    heading = title
  }
  /** Green and blue, once in a log. */
  const explainFleets = ({ style }: Deployment): void => {
    if (isExplained || style !== 'BLUE_GREEN') return
    isExplained = true
    runner.info(FLEETS)
  }
  const continued = (): void => {
    if (!open && heading !== '') section(heading.replace(/( · continued)?$/, ' · continued'))
  }
  /** Prints failures where nobody has to expand a group, and a failure that instances share in full only once. */
  const tellFailure = (change: EventChange, { id: deploymentId }: Deployment, others = 0): void => {
    const { diagnostics } = change.event
    const kind = [change.event.name, diagnostics?.scriptName, diagnostics?.message].join('\n')
    if (toldFailures.has(kind) || stoppedOnPurpose.has(deploymentId)) return
    toldFailures.add(kind)
    close()
    const place = { deploymentId, groupId: options.group.id }
    for (const line of failureLines(change, place, paint, others)) runner.info(line)
    const annotation = failureAnnotation(change, options.source, others)
    if (annotation === undefined) return
    const { message, ...where } = annotation
    runner.annotate('error', message, where)
  }

  const tellers: { [K in News['kind']]: (news: Extract<News, { kind: K }>) => void } = {
    phase: ({ phase, deployment, targets }) => {
      if (phase === 'over') {
        close()
        return
      }
      const title = `${phaseHeading(phase, deployment)} (${deployment.id})`
      // Between two polls a phase may begin and end; then there is nothing left to wait for.
      const waiting = phaseOf(deployment, targets) === phase ? waitLine(deployment, targets, times()) : ''
      if (phase === 'install' || phase === 'traffic') {
        section(title)
        return
      }
      // A phase without events is one line outside of any group, since a reader sees groups folded.
      close()
      heading = title
      runner.info(waiting === '' ? title : `${title}: ${waiting}`)
    },
    change: ({ change, deployment, isDetail = false }) => {
      const line = eventLine(change, { paint, ...times() })
      if (isDetail) {
        runner.debug(line)
        return
      }
      continued()
      runner.info(line)
      if (hasFailed(change.event)) tellFailure(change, deployment)
    },
    tallies: ({ tallies, deployment }) => {
      continued()
      for (const tally of tallies) runner.info(tallyLine(tally, { paint, ...times() }))
      for (const { changes, cause } of tallies) {
        const [first, ...others] = changes
        if (first !== undefined && cause === 'new') tellFailure(first, deployment, others.length)
      }
    },
    traffic: ({ targets }) => {
      const line = trafficLine(targets)
      // Between two polls one instance may leave and another come back, which leaves the line the same.
      if (line !== '' && line !== toldTraffic) runner.info(line)
      toldTraffic = line
    },
    reason: ({ reason }) => {
      close()
      for (const line of reasonLines(reason, times())) runner.info(line)
    },
    note: ({ note }) => {
      close()
      runner.once(note)
    },
    waiting: ({ waiting }) => {
      close()
      runner.info(heartbeatLine(waiting, times()))
      for (const line of wayOnLines(waiting, times(), options.region)) runner.info(line)
    },
    log: ({ log }) => {
      close()
      runner.group(logTitle(log))
      for (const line of log.lines) runner.info(line)
      runner.endGroup()
    }
  }

  return {
    say: runner.info,
    section,
    close,
    started: ({ deployment, attached }) => {
      close()
      const { id, status } = deployment
      const description = withoutSeal(deployment.description) || 'no description'
      runner.info(
        attached
          ? `Following ${id}, which is already deploying this revision (${status}; ${description}).`
          : `Started deployment ${id}: ${description}`
      )
      const url = deploymentUrl(options.region, id)
      if (url !== undefined) runner.info(url)
      explainFleets(deployment)
    },
    stopping: (deployment) => {
      stoppedOnPurpose.add(deployment.id)
      close()
      explainFleets(deployment)
      section(`Stop the running deployment (${deployment.id})`)
    },
    tell: (news) => (tellers[news.kind] as (news: News) => void)(news)
  }
}
