import { NAME, NAME_RULE, ROLE_ARN } from '../domain/names.js'
import { hostFor } from '../domain/preview/environment.js'
import { identityInputs, timeZone } from './fields.js'
import type { InputReader } from './reader.js'
import type {
  Defaults,
  EnvironmentInputs,
  PlannedGroup,
  PreviewCleanupInputs,
  PreviewsInputs
} from './types.js'

/** Only an Application Load Balancer has rules for hosts. */
const LISTENER = /^arn:aws[a-z-]*:elasticloadbalancing:([a-z0-9-]+):\d{12}:listener\/app\/[\w-]+\/\w+\/\w+$/
const LISTENER_RULE =
  'the ARN of a listener of an Application Load Balancer, `arn:aws:elasticloadbalancing:…:listener/app/…`'

/** EC2 API: CreateLaunchTemplate. */
const TEMPLATE = /^[A-Za-z0-9()./_-]{3,128}$/

/** A listener has 100 rules, and some of them are other people's (ELB: quotas). */
const MOST_PREVIEWS = 90

/** What `preview-host` and the inputs beside it say. Outside of a pull request, `number` is 0. */
export const environmentInputs = (
  reader: InputReader,
  { application, identity }: PlannedGroup,
  defaults: Defaults
): EnvironmentInputs => {
  const number = defaults.pull?.number ?? 0
  return {
    ...previewsInputs(reader, { application, region: identity.region }, defaults),
    number,
    host: hostFor(hostPattern(reader), number),
    launchTemplate: reader.required(
      'preview-launch-template',
      TEMPLATE,
      "the name or the id of a launch template for the previews' instances"
    ),
    serviceRole: reader.required(
      'preview-service-role-arn',
      ROLE_ARN,
      "the ARN of CodeDeploy's service role for previews, such as `arn:aws:iam::123456789012:role/festival-previews`"
    ),
    instances: reader.number('preview-instances', { min: 1, max: 100, whole: true }),
    limit: reader.number('preview-limit', { min: 1, max: MOST_PREVIEWS, whole: true }),
    sharesRole: reader.flag('preview-shares-production-role')
  }
}

/** A host with `{number}` in it, which lower-case letters, digits and `-` surround; ELB compares at most 128 characters. */
const hostPattern = (reader: InputReader): string => {
  const pattern = reader.raw('preview-host')
  const host = hostFor(pattern, 1_234_567)
  const isHost =
    host.length <= 128 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$/.test(host)
  if (!isHost || !pattern.includes('{number}'))
    reader.wrong(
      'preview-host',
      pattern,
      'expected a host with `{number}` in it, such as `pr-{number}.preview.example.com`'
    )
  return pattern
}

const previewsInputs = (
  reader: InputReader,
  { application, region }: { application: string; region: string },
  { repository }: Defaults
): PreviewsInputs => {
  const listener = reader.required('preview-listener-arn', LISTENER, LISTENER_RULE)
  const its = LISTENER.exec(listener)?.[1]
  if (its !== undefined && region !== '' && its !== region)
    reader.wrong('preview-listener-arn', listener, `is in ${its}, and \`aws-region\` is ${region}`)
  return {
    owner: { repository, application },
    application: previewApplication(reader, application),
    listener,
    label: reader.optional('preview-label', /^.{1,50}$/, 'the name of a label, at most 50 characters')
  }
}

/** The rights of pull requests end at this application, so it is never production's. */
const previewApplication = (reader: InputReader, application: string): string => {
  const name = 'preview-application-name'
  const given = reader.optional(name, NAME, NAME_RULE)
  if (given === application && given !== '')
    reader.wrong(
      name,
      given,
      'is also the `application-name` that a merge is deployed to; previews need an application of their own'
    )
  const own = given ?? `${application}-previews`
  if (given === undefined && application !== '' && !NAME.test(own))
    reader.wrong(name, own, `is the default, and longer than 100 characters; set a shorter one`)
  return own
}

/** The inputs of `cleanup` for previews: without a listener there are no environments, and only what GitHub shows is ended. */
export const previewCleanupInputs = (
  reader: InputReader,
  dryRun: boolean,
  defaults: Defaults
): PreviewCleanupInputs => {
  const base = { command: 'cleanup', what: 'previews', dryRun } as const
  for (const name of ['deployment-group-name', 'keep-bundles'] as const)
    if (reader.raw(name) !== '')
      reader.wrong(name, reader.raw(name), 'is not an input of `cleanup` with `what: previews`')
  if (reader.raw('preview-listener-arn') === '') return base
  const identity = identityInputs(reader)
  const application = reader.required('application-name', NAME, NAME_RULE)
  return {
    ...base,
    environments: {
      ...previewsInputs(reader, { application, region: identity.region }, defaults),
      identity,
      timeZone: timeZone(reader),
      ttlHours: reader.number('preview-ttl-hours', { min: 1, max: 8_760, whole: true })
    }
  }
}
