import { alarmCause, type AlarmsDuring } from '../domain/alarm.js'
import { hasFailed } from '../domain/event.js'
import { wordsOf } from '../domain/fault.js'
import { asDocumented, missingRights, rightsOf } from '../domain/rights.js'
import { DEPLOYMENT_ERRORS } from './deployment-errors.js'
import type { Explanation } from './event-errors.js'
import { explainDeploymentError } from './explain.js'
import { type Story, targetsOf } from './story.js'

/** Which of a group's alarms are active, as far as CloudWatch could be asked. */
export type AlarmStatus =
  { kind: 'known'; active: readonly string[] } | { kind: 'denied' } | { kind: 'unknown'; why: string }

const OVERRIDE = 'codedeploy:UpdateDeploymentGroup'

export const alarmsOffLine = (alarms: readonly string[]): string =>
  `This deployment ignores the group's alarms (${alarms.join(', ')}), so the one behind this rollback can't stop it (\`alarms-during-rollback: ignore\`).`

/** That an alarm may stop the deployment: why, which ones are active now, and what to do about it. */
export const alarmWarning = (
  during: 'refused' | 'followed',
  { alarms, refusal, status }: { alarms: readonly string[]; refusal: unknown; status: AlarmStatus }
): string =>
  [
    during === 'followed'
      ? "An alarm may stop this deployment, which this run only follows: nothing says that it was started with the group's alarms off."
      : `An alarm may stop this deployment: the group's alarms could not be turned off for it (${refusalWord(refusal)}).`,
    statusSentence(alarms, status),
    ...(during === 'followed'
      ? []
      : [
          `To let rollbacks turn alarms off, allow their role ${asDocumented([OVERRIDE])}; docs/security.md says what else that allows.`
        ])
  ].join(' ')

const refusalWord = (refusal: unknown): string =>
  missingRights(refusal, []).includes(OVERRIDE) ? `${OVERRIDE} is not allowed` : wordsOf(refusal)

const statusSentence = (alarms: readonly string[], status: AlarmStatus): string => {
  if (status.kind === 'known')
    return status.active.length === 0
      ? `None is in ALARM now (${alarms.join(', ')}).`
      : `In ALARM now: ${status.active.join(', ')}.`
  const which = `Which of them are in ALARM now is not known (${alarms.join(', ')}):`
  return status.kind === 'denied'
    ? `${which} to see that, allow ${asDocumented(rightsOf('DescribeAlarms'))}.`
    : `${which} ${status.why}.`
}

const INSTEAD = 'Or wait until the alarm is OK, and run this again.'

const NEXT: Readonly<Record<AlarmsDuring, string>> = {
  off: 'Turn the alarms off in the deployment group itself (`aws deploy update-deployment-group --alarm-configuration enabled=false …`), and run this again.',
  kept: `Run this again with \`alarms-during-rollback: ignore\`: the group's alarms are then off for the rollback's deployment, if the role is allowed ${asDocumented([OVERRIDE])}. ${INSTEAD}`,
  refused: `Allow the role of the rollback ${asDocumented([OVERRIDE])}, and run this again: the group's alarms are then off for its deployment. ${INSTEAD}`,
  followed:
    "Run this again: this deployment was started with the group's alarms on, and the rollback's own will have them off."
}

const MEANING =
  'A CloudWatch alarm of the deployment group stopped the rollback, perhaps the very one that made it necessary.'

const CANCELED: Explanation = {
  meaning: 'This job was canceled, and stopped the deployment (`on-cancel`).',
  next: 'Run it again when you want to deploy this revision.'
}

/**
 * Explains the error of a story's deployment by what this run knows of it. Undefined when it has none, and when it only sums up
 * failed events, which are shown themselves.
 */
export const explainEnd = (story: Pick<Story, 'ending' | 'alarms'>): Explanation | undefined => {
  const { ending } = story
  const code = ending.deployment.error?.code
  if (code === undefined) return undefined
  if (code === 'MANUAL_STOP' && ending.name !== 'started' && ending.canceled === 'stopping') return CANCELED
  // The closing says why this run has stopped it.
  if (code === 'MANUAL_STOP' && ending.name !== 'started' && ending.hopeless !== undefined) return undefined
  const isSum =
    code === 'HEALTH_CONSTRAINTS' && targetsOf(ending).some(({ events }) => events.some(hasFailed))
  return isSum ? undefined : (explainAlarm(story) ?? explainDeploymentError(code))
}

/** Explains a deployment that an alarm stopped; for a rollback, by what was done about its alarms. */
export const explainAlarm = (story: Pick<Story, 'ending' | 'alarms'>): Explanation | undefined => {
  if (alarmCause(story.ending.deployment) === undefined) return undefined
  const { alarms } = story
  return alarms === undefined ? DEPLOYMENT_ERRORS['ALARM_ACTIVE'] : { meaning: MEANING, next: NEXT[alarms] }
}
