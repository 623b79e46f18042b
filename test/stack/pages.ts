import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PLACE, RUN } from '../cloud/parts.js'
import { startCloud, type Cloud } from '../cloud/start.js'
import { PREVIEWS, TEMPLATE } from './template.js'

/** What a person has who follows the setup pages: this repository's files, and an account with names of its own. */

const ROOT = join(import.meta.dirname, '../..')
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** The names that a user puts in. The longest first, so that ORG_ID is not read as ORG. */
const NAMES: readonly (readonly [string, string])[] = [
  ['REPOSITORY_ID', String(RUN.repositoryId)],
  ['ORG_ID', String(RUN.ownerId)],
  ['ORG/REPOSITORY', `${RUN.owner}/${RUN.repository}`],
  ['ORG@', `${RUN.owner}@`],
  ['/REPOSITORY@', `/${RUN.repository}@`],
  ['111122223333', PLACE.accountId]
]
export const filledIn = (text: string): string =>
  NAMES.reduce((filled, [name, value]) => filled.replaceAll(name, value), text)

/** The files that the commands name; with the user's names, but for the templates, which need none. */
export const FILES: Readonly<Record<string, string>> = Object.fromEntries([
  ...[TEMPLATE, PREVIEWS].map((path) => [path, read(path)] as const),
  ...[
    'docs/blue-green.json',
    'examples/aws/codedeploy-instance-logs.yaml',
    ...readdirSync(join(ROOT, 'docs/iam')).map((file) => `docs/iam/${file}`)
  ].map((path) => [path, filledIn(read(path))] as const)
])

/** A cloud with the fleet, the load balancer, the application and the group of the pages. */
export const openFestival = (): Promise<Cloud> =>
  startCloud({
    scripted: true,
    timeScale: 500,
    terminationWait: 1,
    seed: {
      ...{ applicationName: 'festival', deploymentGroupName: 'web' },
      ...{ autoScalingGroupName: 'festival-web', targetGroupName: 'festival-web' }
    }
  })
