import type { Machine, Silence } from '../domain/machine.js'
import { namesOf } from './health.js'
import { seenFrom, type Times } from './times.js'
import { duration } from './units.js'

/** Why an agent does not answer, as far as it can be told apart from outside. */
export interface SilenceCause {
  name: string
  applies: (machine: Machine) => boolean
  meaning: string
  next: string
}

const GONE = /^(shutting-down|terminated|stopping|stopped)$/

/** What EC2 says of an instance whose agent does not answer. The first that applies counts. */
export const SILENCE_CAUSES: readonly SilenceCause[] = [
  {
    name: 'The instance is gone',
    applies: ({ state }) => GONE.test(state),
    meaning: 'It does not run any more.',
    next: 'See why in the activities of its Auto Scaling group: somebody, a health check or a Spot interruption ended it.'
  },
  {
    name: 'No instance profile',
    applies: ({ profile }) => profile === undefined,
    meaning: 'It has no instance profile, so its agent has no credentials.',
    next: 'Stop the deployment, add an instance profile with the rights of docs/iam/instance-policy.json to the launch template, and deploy again.'
  },
  {
    name: 'Not booted yet',
    applies: ({ state, checks }) => state === 'pending' || checks === 'initializing',
    meaning: 'It is still booting.',
    next: 'CodeDeploy gives up after 5 minutes. If user data takes longer, start the agent at its beginning, or put what it installs into the image.'
  },
  {
    name: 'Status checks fail',
    applies: ({ checks }) => checks === 'impaired',
    meaning: "EC2's status checks fail: the operating system does not come up, or has no network.",
    next: 'Look at its console output (`aws ec2 get-console-output`), and at what has changed in the image or in user data.'
  },
  {
    name: 'No agent, or no way out',
    applies: () => true,
    meaning:
      'It has booted and has an instance profile, so its agent is not installed, has stopped, or has no way to CodeDeploy.',
    next: 'On it, check `systemctl status codedeploy-agent` and /var/log/aws/codedeploy-agent/codedeploy-agent.log. It needs a way to the endpoints codedeploy-commands-secure and S3 of its region: a NAT gateway, a public address or VPC endpoints.'
  }
]

const UNASKED =
  'On one of them, check `systemctl status codedeploy-agent` and /var/log/aws/codedeploy-agent/codedeploy-agent.log, that it has an instance profile, and a way to the endpoints codedeploy-commands-secure and S3 of its region.'

const lookedUp = ({ profile, checks, stateReason = '' }: Machine): string => {
  const facts = [
    ...(profile === undefined ? [] : [`instance profile ${profile}`]),
    ...(checks === undefined ? [] : [`status checks ${checks}`]),
    ...(stateReason === '' ? [] : [stateReason])
  ]
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`
}

/** Whose agent is silent, and since when. */
export const silenceSentence = ({ ids, since, event, machine }: Silence, times: Times): string => {
  const who = namesOf(ids)
  const began = seenFrom(times, new Date(since))
  const said = machine === undefined ? '' : ` EC2 says: ${machine.state}${lookedUp(machine)}.`
  return event === undefined
    ? `No agent has answered on ${who} since ${began}.${said}`
    : `${event.name} has run on ${who} since ${began}, longer than its scripts may (${duration(event.limitSeconds * 1000)}): the agent has probably stopped.${said}`
}

/** What that means, and what to do about it. */
export const silenceAdvice = ({ machine }: Silence): string => {
  if (machine === undefined) return UNASKED
  const cause = SILENCE_CAUSES.find(({ applies }) => applies(machine))
  return cause === undefined ? UNASKED : `${cause.meaning} ${cause.next}`
}
