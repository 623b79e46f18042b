import { NAME, NAME_RULE } from '../domain/names.js'
import { revisionFolder } from '../domain/revision.js'
import { freezeWindows, groupInputs, keyPrefix, lines } from './fields.js'
import type { InputReader } from './reader.js'
import type { DeployInputs, PlannedGroup, PreviewInputs, RunningPreview } from './types.js'

/** Any of them says that a plan is wanted. What has a default does not. */
const NAMING_A_GROUP = ['aws-region', 'application-name', 'deployment-group-name', 's3-bucket'] as const

/** The inputs of `preview`: without a group, only the bundle is checked. `deploy` reads the inputs of a deploy. */
export const previewInputs = (reader: InputReader, deploy: () => DeployInputs): PreviewInputs => {
  const target = NAMING_A_GROUP.every((name) => reader.raw(name) === '')
    ? undefined
    : { ...groupInputs(reader), freeze: freezeWindows(reader) }
  return {
    command: 'preview',
    source: reader.raw('source'),
    exclude: lines(reader.raw('exclude')),
    comment: reader.flag('comment'),
    target,
    running: runningPreview(reader, { target, deploy })
  }
}

const runningPreview = (
  reader: InputReader,
  { target, deploy }: { target: PlannedGroup | undefined; deploy: () => DeployInputs }
): RunningPreview | undefined => {
  const url = reader.optional(
    'preview-url',
    /^https?:\/\/[^\s/]+\S*$/,
    'an address that starts with `https://` or `http://`'
  )
  const group = reader.optional('preview-deployment-group-name', NAME, NAME_RULE)
  if (group === undefined && url !== undefined)
    reader.wrong('preview-url', url, 'needs `preview-deployment-group-name`, the group that serves there')
  if (group === undefined) return undefined
  if (target === undefined) {
    reader.wrong(
      'preview-deployment-group-name',
      group,
      'needs the group that a merge is deployed to, too: `aws-region`, `application-name`, `deployment-group-name` and `s3-bucket`'
    )
    return undefined
  }
  if (group === target.group)
    reader.wrong(
      'preview-deployment-group-name',
      group,
      'is also the `deployment-group-name` that a merge is deployed to; previews need a group of their own'
    )
  const prefix = keyPrefix(reader, { application: target.application, group }, 'preview-s3-prefix')
  refuseOverlap(reader, { prefix, target })
  return { url, inputs: { ...deploy(), ...TAKING_TURNS, group, prefix } }
}

/**
 * Pull requests take turns in this group, so neither the order of their runs nor what one of them undid keeps another away. The
 * rights to stop and to continue a deployment can't be limited to one group (docs/service.md, IAM), so a role that pull requests
 * use has neither, and nothing here needs them.
 */
const TAKING_TURNS = {
  waitFor: 'traffic',
  onConflict: 'wait',
  endTerminationWait: undefined,
  onCancel: 'leave',
  stopWhenUnhealthyMinutes: undefined,
  greenFleets: [],
  instanceLogs: [],
  skipOrderCheck: true,
  redeployUndone: true,
  deleteLeftOver: false,
  freeze: []
} as const

/** What a pull request stores must never be found where production looks for its bundles. */
const refuseOverlap = (
  reader: InputReader,
  { prefix, target: { prefix: production, application } }: { prefix: string; target: PlannedGroup }
): void => {
  const [own, its] = [revisionFolder(prefix, application), revisionFolder(production, application)]
  if (own.startsWith(its) || its.startsWith(own))
    reader.wrong(
      'preview-s3-prefix',
      prefix,
      `stores previews in \`${own}\`, and the bundles that a merge deploys are in \`${its}\`; neither may contain the other`
    )
}
