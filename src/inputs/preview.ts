import { NAME, NAME_RULE } from '../domain/names.js'
import { environmentName } from '../domain/preview/environment.js'
import { revisionFolder } from '../domain/revision.js'
import { freezeWindows, groupInputs, keyPrefix, lines } from './fields.js'
import type { InputReader } from './reader.js'
import { environmentInputs } from './preview-environment.js'
import type { Defaults, DeployInputs, PlannedGroup, PreviewInputs, RunningPreview } from './types.js'

/** Any of them says that a plan is wanted. What has a default does not. */
const NAMING_A_GROUP = ['aws-region', 'application-name', 'deployment-group-name', 's3-bucket'] as const

/** The inputs of `preview`: without a group, only the bundle is checked. `deploy` reads the inputs of a deploy. */
export const previewInputs = (
  reader: InputReader,
  defaults: Defaults,
  deploy: () => DeployInputs
): PreviewInputs => {
  const target = NAMING_A_GROUP.every((name) => reader.raw(name) === '')
    ? undefined
    : { ...groupInputs(reader), freeze: freezeWindows(reader) }
  return {
    command: 'preview',
    source: reader.raw('source'),
    exclude: lines(reader.raw('exclude')),
    comment: reader.flag('comment'),
    target,
    running:
      reader.raw('preview-host') === ''
        ? takingTurns(reader, { target, deploy })
        : ownAddress(reader, defaults, { target, deploy })
  }
}

interface Planned {
  target: PlannedGroup | undefined
  deploy: () => DeployInputs
}

/** An environment for this pull request alone; undefined outside of one, where there is only the plan. */
const ownAddress = (
  reader: InputReader,
  defaults: Defaults,
  { target, deploy }: Planned
): RunningPreview | undefined => {
  for (const name of ['preview-deployment-group-name', 'preview-url'] as const)
    if (reader.raw(name) !== '')
      reader.wrong(
        name,
        reader.raw(name),
        'is for a group in which pull requests take turns, and `preview-host` gives each of them a group and an address of its own; use one of the two'
      )
  if (target === undefined) {
    reader.wrong('preview-host', reader.raw('preview-host'), NEEDS_A_GROUP)
    return undefined
  }
  const environment = environmentInputs(reader, target, defaults)
  const { application } = environment
  const prefix = keyPrefix(reader, { application, group: target.group }, 'preview-s3-prefix')
  refuseOverlap(reader, { prefix, target, application })
  if (environment.number === 0) return undefined
  const group = environmentName(environment.number, environment.owner)
  return { environment, inputs: { ...deploy(), ...OUT_OF_TURN, application, group, prefix } }
}

const NEEDS_A_GROUP =
  'needs the group that a merge is deployed to, too: `aws-region`, `application-name`, `deployment-group-name` and `s3-bucket`'

/** A group that exists, in which pull requests take turns. */
const takingTurns = (reader: InputReader, { target, deploy }: Planned): RunningPreview | undefined => {
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
    reader.wrong('preview-deployment-group-name', group, NEEDS_A_GROUP)
    return undefined
  }
  if (group === target.group)
    reader.wrong(
      'preview-deployment-group-name',
      group,
      'is also the `deployment-group-name` that a merge is deployed to; previews need a group of their own'
    )
  const prefix = keyPrefix(reader, { application: target.application, group }, 'preview-s3-prefix')
  refuseOverlap(reader, { prefix, target, application: target.application })
  return { url, inputs: { ...deploy(), ...OUT_OF_TURN, group, prefix } }
}

/**
 * Pull requests take turns in a group, or come and go, so neither the order of their runs nor what one of them undid keeps another away. The
 * rights to stop and to continue a deployment can't be limited to one group (docs/service.md, IAM), so a role that pull requests
 * use has neither, and nothing here needs them.
 */
const OUT_OF_TURN = {
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
  { prefix, target, application }: { prefix: string; target: PlannedGroup; application: string }
): void => {
  const own = revisionFolder(prefix, application)
  const its = revisionFolder(target.prefix, target.application)
  if (own.startsWith(its) || its.startsWith(own))
    reader.wrong(
      'preview-s3-prefix',
      prefix,
      `stores previews in \`${own}\`, and the bundles that a merge deploys are in \`${its}\`; neither may contain the other`
    )
}
