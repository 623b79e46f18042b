import { counted } from '../domain/counted.js'
import { factsOf, isDenied, wordsOf } from '../domain/fault.js'
import type { AwsCommand, CopyLoss } from '../domain/fleet-settings.js'
import { missingRights, rightsOf } from '../domain/rights.js'
import { cutLine, markdownTable } from './columns.js'
import { fenced, forMarkdown, forShell, oneLine } from './escape.js'
import { prose } from './markdown.js'

/** What a comparison of the copied Auto Scaling group with its source found. */
export interface Compared {
  green: string
  losses: readonly CopyLoss[]
}

const UNCHECKED = 'What the copy of the Auto Scaling group lost was not checked'

/** Why the groups were not compared; without an error, the service did not answer in time. */
export const uncheckedLine = (error: unknown): string => {
  if (error === undefined) return `${UNCHECKED}: Auto Scaling did not answer in time.`
  if (!isDenied(error)) return `${UNCHECKED}: ${wordsOf(error)}.`
  const rights = missingRights(error, rightsOf(factsOf(error).operation)).join(', ')
  return `${UNCHECKED}: that needs ${rights} (docs/iam/optional-copy.json). Nothing else depends on it.`
}

/** The annotation: what differs, and where the commands are. */
export const lossWarning = ({ green, losses }: Compared): string =>
  [
    `The Auto Scaling group ${green}, which serves now, lacks ${counted(losses.length, 'setting')} of the group that it was copied from: ${losses.map(({ what }) => what).join(', ')}.`,
    'The commands that put this right are in the log and in the summary. Run them before the old group is deleted; until then it shows what the settings were (docs/copied-group.md).'
  ].join('\n')

/** The title of the group of lines in the log. */
export const lossTitle = ({ losses }: Compared): string =>
  `What the copy of the Auto Scaling group lost (${losses.length}), and the commands that put it right`

/** How much of a value is shown; the command has all of it. */
const MOST_CELLS = 160

/** Each loss with its commands, for the log. */
export const lossLines = ({ losses }: Compared, region: string): string[] =>
  losses.flatMap(({ what, blue, green, commands, note }) => [
    `${what}: ${cutLine(blue, MOST_CELLS)} → ${cutLine(green, MOST_CELLS)}`,
    ...(note === undefined ? [] : [note]),
    ...commands.map((command) => `    ${commandParts(command, region).join(' ')}`)
  ])

/** A command in the parts that may each have a line. */
const commandParts = ({ call, options }: AwsCommand, region: string): string[] => [
  `aws ${call}`,
  ...[...options, ['region', region]].map(([name = '', ...values]) =>
    [`--${name}`, ...values.map(forShell)].join(' ')
  )
]

/** The losses for the summary, folded, and what to tell Terraform of the new group. */
export const copyBlocks = (compared: Compared | undefined, region: string): string[] =>
  compared === undefined
    ? []
    : [...(compared.losses.length === 0 ? [] : [lossBlock(compared, region)]), terraformBlock(compared)]

const lossBlock = (compared: Compared, region: string): string => {
  const { losses } = compared
  const columns = ['Setting', 'Blue', 'Green'].map((title) => ({ title }))
  const rows = losses.map(({ what, blue, green }) =>
    [what, blue, green].map((text) => forMarkdown(cutLine(text, MOST_CELLS)))
  )
  const notes = losses.flatMap(({ what, note }) =>
    note === undefined ? [] : [`- ${prose(what)}: ${prose(note)}`]
  )
  const script = losses.flatMap(({ what, commands }) => [
    `# ${oneLine(what)}`,
    ...commands.flatMap((command) => shellLines(commandParts(command, region)))
  ])
  return [
    `<details><summary>⚠️ ${forMarkdown(lossTitle(compared))}</summary>`,
    markdownTable(columns, rows).join('\n'),
    notes.join('\n'),
    fenced(script, 'sh').join('\n'),
    '</details>'
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** One option per line; a space in a value is none between options. */
const shellLines = (parts: readonly string[]): string[] =>
  parts.map((part, at) => `${at === 0 ? '' : '  '}${oneLine(part)}${at < parts.length - 1 ? ' \\' : ''}`)

/** What Terraform would change back (docs/copied-group.md). */
const IGNORED = 'name, name_prefix, desired_capacity, tag, target_group_arns, traffic_source'

const terraformBlock = ({ green }: Compared): string =>
  [
    '<details><summary>For Terraform: the new Auto Scaling group</summary>',
    fenced(
      [
        '# First: terraform state rm aws_autoscaling_group.web',
        'import {',
        '  to = aws_autoscaling_group.web',
        `  id = ${JSON.stringify(oneLine(green)).replaceAll('${', '$${').replaceAll('%{', '%%{')}`,
        '}',
        '# In the resource:',
        'lifecycle {',
        `  ignore_changes = [${IGNORED}]`,
        '}'
      ],
      'hcl'
    ).join('\n'),
    '</details>'
  ].join('\n\n')
