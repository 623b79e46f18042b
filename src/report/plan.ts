import { counted } from '../domain/counted.js'
import { countOf, type Finding } from '../domain/bundle.js'
import { short, type Repository } from '../domain/commit.js'
import { byFolder, type Plan, type Shipment } from '../domain/plan.js'
import { treeName } from '../domain/pull-request.js'
import { changeBlocks, changeCounts, folded, foreignProse as prose, isSame, rest } from './changes.js'
import { cutLine } from './columns.js'
import { commitUrl, compareUrl, runUrl } from './console-link.js'
import { codeSpan, link } from './escape.js'
import { fit } from './markdown.js'
import { deployText, expectedText, liveText, obstacleSentence } from './plan-words.js'
import { previewBlocks, previewCell, type PreviewPlace, type PreviewState } from './preview.js'
import { type Times, zoneNote } from './times.js'
import { bytesText } from './units.js'

/** How a plan is written: the moment and the zone, and where its commits and its run can be seen. */
export interface PlanPage extends Times {
  repository: Repository | undefined
  runId: string
  /** Where the tree runs as a preview. */
  preview?: { state: PreviewState; place: PreviewPlace } | undefined
}

/** GitHub: "maximum is 65536 characters" (docs/service.md, GitHub: comments), counted in UTF-16 units, and 262,144 bytes. */
const MOST_CHARACTERS = 65_536
const MOST_BYTES = 262_144

/** Rows of each list, until the page fits. Rows are left out and counted; nothing is cut inside a row. */
const ROWS = [60, 30, 15, 8, 4, 2, 0]

/** The plan as the Markdown of a comment, with `room` characters left for its marker. */
export const planComment = (plan: Plan, page: PlanPage, room = 0): string => {
  const fits = (text: string): boolean =>
    text.length <= MOST_CHARACTERS - room && Buffer.byteLength(text) < MOST_BYTES - room
  let text = ''
  for (const most of ROWS) {
    text = blocks(plan, page, most).join('\n\n') + '\n'
    if (fits(text)) break
  }
  return text
}

/** The same as the job's summary, with more rows. */
export const planSummary = (plan: Plan, page: PlanPage): string => fit(blocks(plan, page, MOST_ROWS))

const MOST_ROWS = 200

const blocks = (plan: Plan, page: PlanPage, most: number): string[] => [
  heading(plan),
  origin(plan, page),
  facts(plan, page),
  ...(page.preview === undefined ? [] : previewBlocks(page.preview.state)),
  ...findings(plan.bundle.findings, most),
  ...servers(plan, most),
  ...shipment(plan, page, most),
  ...(plan.gaps.length === 0 ? [] : [plan.gaps.map(prose).join('<br>\n')]),
  `<sub>${zoneNote(page)}</sub>`
]

const heading = ({ bundle, group, tree }: Plan): string => {
  const name = codeSpan(`${group.application}/${group.name}`)
  return countOf(bundle.findings, 'error') > 0
    ? `### ❌ The agent would refuse this bundle on ${name}`
    : tree.kind === 'commit'
      ? `### ✅ What deploying this changes on ${name}`
      : `### ✅ What merging this deploys to ${name}`
}

const origin = ({ tree }: Plan, { repository, runId }: PlanPage): string => {
  const run = runUrl(repository, runId)
  return [`Checked: ${codeSpan(treeName(tree))}`, ...(run === undefined ? [] : [link('run', run)])].join(
    ' · '
  )
}

const cell = (text: string): string => prose(text).replaceAll('|', '\\|')

const facts = (plan: Plan, page: PlanPage): string => {
  const { bundle, group, live, servers: compared } = plan
  const former =
    'value' in compared
      ? ` (live: ${counted(compared.value.live.files, 'file')}, ${bytesText(compared.value.live.bytes)})`
      : ''
  const { preview } = page
  const rows: [string, string][] = [
    ...(preview === undefined
      ? []
      : [['Preview', previewCell(preview.state, preview.place)] as [string, string]]),
    ['Live&nbsp;now', cell(liveText(live))],
    ['Bundle', cell(`${counted(bundle.files, 'file')}, ${bytesText(bundle.bytes)}${former}`)],
    ['A&nbsp;deploy', cell(deployText(group, live))],
    ['Takes', cell(expectedText(plan))],
    ['Right&nbsp;now', obstacleCell(plan, page)]
  ]
  return ['| | |', '| --- | --- |', ...rows.map(([name, text]) => `| **${name}** | ${text} |`)].join('\n')
}

const obstacleCell = ({ obstacles }: Plan, page: PlanPage): string =>
  obstacles.length === 0
    ? 'nothing keeps a deploy from starting'
    : obstacles.map((obstacle) => `⚠️ ${cell(obstacleSentence(obstacle, page))}`).join('<br>')

const MOST_CELLS = 200

const findings = (all: readonly Finding[], most: number): string[] => {
  const counts = (['error', 'warning'] as const)
    .map((severity) => ({ severity, count: countOf(all, severity) }))
    .filter(({ count }) => count > 0)
  if (counts.length === 0) return []
  const worst = [...all]
    .filter(({ times }) => times === undefined)
    .sort((one, other) => one.severity.localeCompare(other.severity))
  const shown = worst.slice(0, most)
  const rows = shown.map(
    ({ severity, file, line, message }) =>
      `- ${severity === 'error' ? '❌' : '⚠️'} ${codeSpan(`${cutLine(file, MOST_CELLS)}${line === undefined ? '' : `:${line}`}`)} ${prose(cutLine(message, MOST_CELLS))}`
  )
  const title = counts
    .map(({ severity, count }) => counted(count, severity === 'error' ? 'mistake' : 'warning'))
    .join(', ')
  const total = counts.reduce((sum, { count }) => sum + count, 0)
  return [`#### ${title} in the bundle`, [...rows, ...rest(total, shown.length)].join('\n')]
}

const servers = ({ servers: compared }: Plan, most: number): string[] => {
  if ('unknown' in compared) return ['#### On the servers', `Not known: ${prose(compared.unknown)}`]
  const changes = compared.value
  return isSame(changes)
    ? ['#### On the servers: nothing changes', 'The bundle has the same files as what is live.']
    : [`#### On the servers: ${changeCounts(changes)}`, ...changeBlocks(changes, most)]
}

const shipment = ({ shipment: shipped }: Plan, { repository }: PlanPage, most: number): string[] => {
  if ('unknown' in shipped) return ['#### Commits', `Not known: ${prose(shipped.unknown)}`]
  const { from, to, commits, total, lost } = shipped.value
  const compare = compareUrl(repository, from, to)
  const title = `#### ${counted(total, 'commit')} since \`${short(from)}\``
  const shown = most === 0 ? [] : commits.slice(-most)
  const rows = shown.map(({ sha, subject, author }) => {
    const by = author === undefined ? '' : ` ${codeSpan(cutLine(author, 40))}`
    return `- ${link(`\`${short(sha)}\``, commitUrl(repository, sha))} ${codeSpan(cutLine(subject, MOST_CELLS))}${by}`
  })
  const older = total - shown.length
  return [
    title,
    ...(lost === 0
      ? []
      : [
          `⚠️ ${counted(lost, 'commit')} of what is live ${lost === 1 ? 'is' : 'are'} not in this tree and would be gone. Merge the base branch first.`
        ]),
    ...(rows.length === 0 ? [] : [[...rows, ...rest(older, 0).map((line) => `${line}, older`)].join('\n')]),
    ...folderTable(shipped.value, most),
    ...(compare === undefined ? [] : [link('what changed', compare)])
  ]
}

const folderTable = ({ files, isWhole }: Shipment, most: number): string[] => {
  const folders = byFolder(files)
  const shown = folders.slice(0, most)
  if (shown.length === 0) return []
  const rows = shown.map(
    ({ folder, added, changed, removed }) =>
      `| ${folder === '' ? '(root)' : codeSpan(cutLine(folder, 100), { inTable: true })} | ${added} | ${changed} | ${removed} |`
  )
  const title = `${counted(files.length, 'file')}${isWhole ? '' : ' or more'} of the repository in ${counted(folders.length, 'folder')}`
  const table = ['| Folder | added | changed | removed |', '| --- | ---: | ---: | ---: |', ...rows].join('\n')
  return folded(title, [table, ...rest(folders.length, shown.length)].join('\n\n'))
}
