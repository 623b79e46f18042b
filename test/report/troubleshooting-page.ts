import { argv } from 'node:process'
import { pathToFileURL } from 'node:url'
import { markdownTable } from '../../src/report/columns.js'
import { DEPLOYMENT_ERRORS } from '../../src/report/deployment-errors.js'
import {
  AGENT_LOG,
  ALL_SKIPPED,
  ALLOW_TRAFFIC,
  BLUE_ADVICE,
  EVENT_ADVICE,
  type Explanation,
  SCRIPT_ERRORS,
  SCRIPT_MESSAGES
} from '../../src/report/event-errors.js'
import { scriptsLog } from '../../src/report/failure.js'
import { HEALTH_CAUSES } from '../../src/report/health.js'
import { LAUNCH_CAUSES } from '../../src/report/launch.js'
import { SILENCE_CAUSES } from '../../src/report/silence.js'

const cell = (text: string): string => text.replace(/\|/g, '\\|')

const table = (title: string, rows: readonly (readonly [string, Explanation])[]): string =>
  markdownTable(
    [{ title }, { title: 'What it means' }, { title: 'What to do next' }],
    rows.map(([name, { meaning, next }]) => [name, cell(meaning), cell(next)])
  ).join('\n')

const byName = (explanations: Readonly<Record<string, Explanation>>): (readonly [string, Explanation])[] =>
  Object.entries(explanations).map(([name, explanation]) => [`\`${name}\``, explanation])

/** The troubleshooting page, generated from the sentences that the action itself prints. */
export const troubleshootingPage = (): string => `# Troubleshooting

The action prints these explanations itself, in the log and in the job summary, next to the error that they belong to. This
page has all of them in one place. It is generated from the source code with \`node --import tsx test/report/troubleshooting-page.ts\`,
and a test fails when the two differ.

## Where to look

1. The first failed event in the log: its script, exit code and last lines of output are printed with it.
2. The script's whole output, on the server: \`${scriptsLog('<deployment-id>', undefined)}\`
3. The agent's own log, on the server: \`${AGENT_LOG}\`

With \`instance-logs: ssm\`, the log and the summary of a failure have the last lines of both ([how to set it up](instance-logs.md)).

## Why a deployment waits

Other services know it before CodeDeploy gives up, and the action asks them while it watches
([which, how often and with which rights](resilience.md#waits-and-their-reasons)).

What Auto Scaling says when the green fleet is not launched:

${table(
  'Cause',
  LAUNCH_CAUSES.map((cause) => [cause.name, cause])
)}

What EC2 says of an instance whose agent does not answer:

${table(
  'Cause',
  SILENCE_CAUSES.map((cause) => [cause.name, cause])
)}

What the load balancer says of an instance that waits for \`AllowTraffic\`:

${markdownTable(
  [{ title: 'Reason' }, { title: 'What it means, and what to do' }],
  Object.entries(HEALTH_CAUSES).map(([reason, meaning]) => [`\`${reason}\``, cell(meaning)])
).join('\n')}

## Why a deployment failed

The service gives this code to the deployment as a whole. Many codes only summarize what happened on the instances.

${table('Code', byName(DEPLOYMENT_ERRORS))}

## Why an event failed

The agent gives this code to one event on one instance.

${table('Code', byName(SCRIPT_ERRORS))}

Some messages say more than their code:

${table(
  'Message',
  SCRIPT_MESSAGES.map((message) => [
    `\`${message.reads}\`${message.only === undefined ? '' : ` in ${message.only}`}`,
    message
  ])
)}

## What it means when a particular event failed

${table('Event', [
  ...byName(EVENT_ADVICE),
  ['`AllowTraffic`', ALLOW_TRAFFIC],
  ...byName(BLUE_ADVICE).map(([name, explanation]) => [`${name} on the blue fleet`, explanation] as const),
  ['all events of an instance skipped, none failed anywhere', ALL_SKIPPED]
])}
`

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) process.stdout.write(troubleshootingPage())
