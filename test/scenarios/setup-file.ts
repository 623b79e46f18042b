import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PLACE } from '../cloud/parts.js'

/** The Auto Scaling group that the file names. */
export const FLEET = `${PLACE.application}-web`

/** A setup file for an empty cloud, with some of its keys changed; an empty value removes one. */
export const setupFile = (changes: Record<string, string> = {}): string =>
  Object.entries({
    application: PLACE.application,
    group: PLACE.deploymentGroup,
    'service-role': `arn:aws:iam::${PLACE.accountId}:role/CodeDeployServiceRole`,
    'auto-scaling-group': `{ name: ${FLEET}, create: { launch-template: example, subnets: [subnet-1, subnet-2], min: 1, max: 4, desired: 2 } }`,
    'target-groups': `[${PLACE.application}-blue-green]`,
    strategy: 'blue-green',
    traffic: 'all-at-once',
    'keep-old-fleet': '2h',
    'ready-wait': '0',
    'automatic-rollback': '[failure]',
    tags: '{ team: example }',
    ...changes
  })
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')

/** Writes the file into the workspace, and returns the inputs of a run that reads it. */
export const setupInputs = (
  { scratch }: { scratch: string },
  changes: Record<string, string> = {}
): Record<string, string> => {
  mkdirSync(join(scratch, '.github'), { recursive: true })
  writeFileSync(join(scratch, '.github/codedeploy.yml'), setupFile(changes))
  const notItsOwn = {
    'application-name': '',
    'deployment-group-name': '',
    's3-bucket': '',
    'poll-seconds': ''
  }
  return { command: 'setup', ...notItsOwn }
}
