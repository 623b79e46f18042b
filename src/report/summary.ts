import { isCommit, short } from '../domain/commit.js'
import { isOver } from '../domain/deployment.js'
import { goingBackBlocks } from './changes.js'
import { cutLine, markdownTable } from './columns.js'
import { commitUrl, compareUrl, deploymentUrl } from './console-link.js'
import { copyBlocks } from './copied-group.js'
import { code, fenced, forMarkdown, link } from './escape.js'
import { failureBlocks } from './failure.js'
import { gantt } from './gantt.js'
import { logBlocks } from './instance-logs.js'
import { instanceTable } from './instances.js'
import { fit, prose } from './markdown.js'
import { closing, type Closing } from './outcome.js'
import { rollbackClosing, type RollbackDone, whoAndWhy } from './rollback.js'
import { type Story, targetsOf, timings } from './story.js'
import { endingIcon } from './style.js'
import { zoneNote } from './times.js'
import { bytesText, duration, durationOr } from './units.js'

/** The job summary of a run: outcome, commits, figures, failures, timeline and instances, as Markdown within GitHub's limits. */
export const deploySummary = (story: Story): string => {
  const end = closing(story)
  const failures = failureBlocks(story)
  return fit([
    heading(endingIcon(story.ending.name), end),
    ...commitBlock(story),
    ...whoAndWhyBlock(story),
    ...(end.fails ? cause(end, failures) : []),
    ...thoughts(end),
    ...changesBlock(story),
    figures(story),
    ...(end.fails ? [] : failures),
    ...logBlocks(story.logs),
    ...copyBlocks(story.copied, story.region),
    ...course(story),
    ...cleanUp(end),
    zoneLine(story)
  ])
}

/** The job summary of a rollback, with the story of the deployment that did it if there was one. */
export const rollbackSummary = (done: RollbackDone, story?: Story): string => {
  const end = rollbackClosing(done)
  const title = heading(end.fails ? '❌' : '↩️', end)
  const changes = changesBlock(done)
  // A success says it among its consequences.
  const signed = end.fails ? whoAndWhyBlock(done) : []
  if (story === undefined) return fit([title, ...signed, ...thoughts(end), ...changes, ...cleanUp(end)])
  // Only a redeploy installs anything; what a fast rollback stopped on purpose is no failure.
  const failures = done.way === 'redeploy' ? failureBlocks(story) : []
  const copied = copyBlocks(story.copied, story.region)
  const facts = [figures(story), ...failures, ...copied, ...course(story)]
  return fit([
    ...[title, ...commitBlock(story), ...signed, ...thoughts(end), ...changes],
    ...[...facts, ...cleanUp(end), zoneLine(story)]
  ])
}

/** Who rolled back, and why; empty for a deploy. */
const whoAndWhyBlock = (known: Pick<Story, 'by' | 'reason'>): string[] => [
  whoAndWhy(known).map(forMarkdown).join('<br>\n')
]

const changesBlock = ({ changes }: Pick<Story, 'changes'>): string[] =>
  changes === undefined ? [] : goingBackBlocks(changes)

/** The failures themselves; a sentence about them only where none can be shown, or where they do not show the cause. */
const cause = (end: Closing, failures: readonly string[]): string[] =>
  failures.length > 0 && end.cause?.isBeyondEvents !== true
    ? [...failures]
    : [causeLines(end).map(prose).join('<br>\n'), ...failures]

const causeLines = ({ cause }: Closing): string[] =>
  cause === undefined ? [] : cause.what === undefined ? [cause.next] : [cause.what, cause.next]

const course = (story: Story): string[] => [...timeline(story), ...instanceTable(story.ending, story)]

const zoneLine = (story: Story): string => `<sub>${forMarkdown(zoneNote(story))}</sub>`

/** Folded, and last: it deletes what one may want to look at first. */
const cleanUp = ({ cleanUp: left }: Closing): string[] =>
  left === undefined
    ? []
    : [
        [
          '<details><summary>Clean up</summary>',
          prose(left.sentence),
          ...left.commands.map(shell),
          '</details>'
        ].join('\n\n')
      ]

const heading = (icon: string, { headline }: Closing): string => `## ${icon} ${prose(headline)}`

const thoughts = ({ sentences, commands }: Closing): string[] => [
  sentences.map(prose).join('<br>\n'),
  ...commands.map(shell)
]

const shell = (command: string): string => fenced(folded(command), 'sh').join('\n')

/** One option per line, so that nothing runs off the page; the shell accepts it as is. */
const folded = (command: string): string[] => command.replace(/ (?=--)/g, ' \\\n  ').split('\n')

const SUBJECT_CELLS = 200

const commitWord = (commit: string, { repository }: Story): string =>
  link(code(isCommit(commit) ? short(commit) : commit), commitUrl(repository, commit))

/** `1111111 → 9108d4a3 subject`, and the links. */
const commitBlock = (story: Story): string[] => {
  const { commit, previousCommit, subject, repository, ending, region, undoes } = story
  const commits = [previousCommit, commit].filter((one) => one !== undefined && one !== '')
  const words = [...new Set(commits)].map((one) => commitWord(one ?? '', story)).join(' → ')
  const title = subject === undefined ? '' : `**${forMarkdown(cutLine(subject, SUBJECT_CELLS))}**`
  const compare = compareUrl(repository, previousCommit, commit)
  const links = [
    ...(compare === undefined ? [] : [link('what changed', compare)]),
    link(code(ending.deployment.id), deploymentUrl(region, ending.deployment.id)),
    ...(ending.name !== 'started' && ending.rollback !== undefined
      ? [`rollback ${link(code(ending.rollback.id), deploymentUrl(region, ending.rollback.id))}`]
      : []),
    ...(undoes === undefined || undoes.id === ending.deployment.id
      ? []
      : [`undoes ${link(code(undoes.id), deploymentUrl(region, undoes.id))}`])
  ]
  return [
    [[words, title].filter((part) => part !== '').join(' '), links.join(' · ')]
      .filter((line) => line !== '')
      .join('<br>\n')
  ]
}

/** The measurements in one row, so that runs can be compared at a glance. */
const figures = (story: Story): string => {
  const { toTrafficMs, totalMs } = timings(story)
  const { bundle, ending } = story
  const targets = targetsOf(ending)
  const cells: [string, string][] = [
    ...(toTrafficMs === undefined || ending.name !== 'succeeded'
      ? []
      : [['Time to traffic', durationOr(toTrafficMs)] as [string, string]]),
    [isOver(ending.deployment.status) ? 'Total' : 'So far', duration(totalMs)],
    ...(targets.length === 0 ? [] : [['Instances', fleets(story)] as [string, string]]),
    ...(bundle === undefined
      ? []
      : [
          [
            'Bundle',
            `${bytesText(bundle.size)}, ${sent(bundle.uploadedBytes)}, SHA-256 ${code(bundle.contentHash.slice(0, 12))}`
          ] as [string, string]
        ])
  ]
  const columns = cells.map(([title]) => ({ title }))
  return markdownTable(columns, [cells.map(([, text]) => text)]).join('\n')
}

const sent = (uploaded: number): string => (uploaded === 0 ? 'nothing sent' : `${bytesText(uploaded)} sent`)

const fleets = ({ ending }: Story): string => {
  const sides = ['green', 'blue', 'in-place'] as const
  return sides
    .map((side) => ({ side, count: targetsOf(ending).filter((target) => target.fleet === side).length }))
    .filter(({ count }) => count > 0)
    .map(({ side, count }) => `${count} ${side}`)
    .join(', ')
}

const timeline = ({ ending, now, zone }: Story): string[] => {
  if (ending.name === 'started') return []
  const { text, remarks } = gantt(ending, { now, zone })
  return text === ''
    ? []
    : [
        '### Timeline',
        `\`\`\`mermaid\n${text}\n\`\`\``,
        ...(remarks.length === 0 ? [] : [`<sub>${remarks.join(' ')}</sub>`])
      ]
}
