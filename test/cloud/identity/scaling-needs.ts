import type { Fleets } from '../autoscaling/fleets.js'
import type { AutoScalingGroup } from '../autoscaling/model.js'
import { form as structure, forms, texts, type Form } from '../autoscaling/query.js'
import { dataOf, type LaunchTemplate, type Templates } from '../ec2/templates.js'
import type { Need } from './authorize.js'
import type { Context } from './policy.js'
import { givenTags, requestTags, resourceTags } from './tag-context.js'

/** Where resources are, and what a policy's conditions can ask about them. */
export interface ScalingPlace {
  region: string
  accountId: string
  fleets: Fleets
  templates: Templates
  /** The role of an instance profile. */
  roleOf: (profile: string) => string
}

const text = (form: Form, member: string): string | undefined => {
  const value = form[member]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const templateOf = (
  { templates }: ScalingPlace,
  form: Form
): { template: LaunchTemplate | undefined; version: string } => {
  const given = structure(form, 'LaunchTemplate') ?? {}
  const [id, name] = [text(given, 'LaunchTemplateId'), text(given, 'LaunchTemplateName')]
  const template = id === undefined && name === undefined ? undefined : templates.find({ id, name })
  return { template, version: text(given, 'Version') ?? '$Default' }
}

const tagsOf = (group: AutoScalingGroup | undefined): Map<string, string> =>
  new Map(group?.tags.map(({ key, value }) => [key, value]))

/** The condition keys of Auto Scaling's own actions (service authorization reference: autoscaling). */
const contextOf = (form: Form, group: AutoScalingGroup | undefined, isCreated: boolean): Context => {
  const asked = givenTags(form['Tags'])
  const [arns, subnets] = [texts(form, 'TargetGroupARNs'), text(form, 'VPCZoneIdentifier')?.split(',')]
  const template = structure(form, 'LaunchTemplate')
  const isNumber = /^\d+$/.test(text(template ?? {}, 'Version') ?? '')
  const [min, max] = [text(form, 'MinSize'), text(form, 'MaxSize')]
  return {
    ...requestTags(asked),
    // A new group has the tags of the request (Auto Scaling user guide: identity-based policy examples).
    ...resourceTags('autoscaling', isCreated ? asked : tagsOf(group)),
    ...(arns.length === 0 ? {} : { 'autoscaling:TargetGroupARNs': arns }),
    ...(subnets === undefined ? {} : { 'autoscaling:VPCZoneIdentifiers': subnets }),
    ...(template === undefined ? {} : { 'autoscaling:LaunchTemplateVersionSpecified': String(isNumber) }),
    ...(min === undefined ? {} : { 'autoscaling:MinSize': min }),
    ...(max === undefined ? {} : { 'autoscaling:MaxSize': max })
  }
}

/** With the first group of an account, Auto Scaling makes its own role, if the caller may (Auto Scaling user guide: service-linked roles). */
const firstGroup = (accountId: string): Need => ({
  action: 'iam:CreateServiceLinkedRole',
  resource: `arn:aws:iam::${accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
  context: { 'iam:AWSServiceName': 'autoscaling.amazonaws.com' }
})

/**
 * A caller that gives a group a launch template must be allowed to launch from it, with all that it names (Auto Scaling user guide:
 * "Control Amazon EC2 launch template usage in Auto Scaling groups").
 */
const launchNeeds = (place: ScalingPlace, form: Form): Need[] => {
  const { region, accountId, templates } = place
  const { template, version } = templateOf(place, form)
  const data = template === undefined ? undefined : dataOf(templates, { id: template.id, version })
  if (template === undefined || data === undefined) return []
  const arn = (resource: string): string => `arn:aws:ec2:${region}:${accountId}:${resource}`
  const from = { 'ec2:LaunchTemplate': arn(`launch-template/${template.id}`) }
  const own = { ...from, 'ec2:IsLaunchTemplateResource': 'true' }
  const profile =
    data.profile === undefined ? undefined : `arn:aws:iam::${accountId}:instance-profile/${data.profile}`
  const subnets = (text(form, 'VPCZoneIdentifier') ?? '').split(',').filter((id) => id !== '')
  const run = (resource: string, context: Context = own): Need => ({
    ...{ action: 'ec2:RunInstances', resource, context }
  })
  const propagated = givenTags(forms(form, 'Tags').filter((tag) => tag['PropagateAtLaunch'] === 'true'))
  return [
    run(from['ec2:LaunchTemplate']),
    run(`arn:aws:ec2:${region}::image/${data.imageId}`),
    run(arn('instance/*'), {
      ...{ ...own, 'ec2:InstanceType': data.instanceType, ...requestTags(propagated) },
      ...(profile === undefined ? {} : { 'ec2:InstanceProfile': profile })
    }),
    ...['network-interface/*', 'volume/*'].map((resource) => run(arn(resource))),
    ...data.securityGroups.map((id) => run(arn(`security-group/${id}`))),
    // The group's subnets stand for those of the template.
    ...subnets.map((id) =>
      run(arn(`subnet/${id.trim()}`), { ...from, 'ec2:IsLaunchTemplateResource': 'false' })
    ),
    {
      ...{ action: 'ec2:CreateTags', resource: arn('instance/*') },
      context: { ...requestTags(propagated), 'ec2:CreateAction': 'RunInstances' }
    },
    ...(data.profile === undefined
      ? []
      : [
          {
            ...{ action: 'iam:PassRole', context: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
            resource: `arn:aws:iam::${accountId}:role/${place.roleOf(data.profile)}`
          }
        ])
  ]
}

/** Names of the groups that a call changes; the tags of a call name theirs. */
const namesOf = (form: Form, fleets: Fleets): string[] => {
  const name = text(form, 'AutoScalingGroupName')
  if (name !== undefined) return [name]
  const instance = text(form, 'InstanceId')
  if (instance !== undefined) return [fleets.instance(instance)?.group ?? '']
  return [...new Set(forms(form, 'Tags').flatMap((tag) => text(tag, 'ResourceId') ?? []))]
}

/** The permissions that a call of Auto Scaling needs. */
export const scalingNeeds = (operation: string, form: Form, place: ScalingPlace): Need[] => {
  const action = `autoscaling:${operation}`
  if (operation.startsWith('Describe')) return [{ action, resource: '*' }]
  const { region, accountId, fleets } = place
  const isCreated = operation === 'CreateAutoScalingGroup'
  const needs = namesOf(form, fleets).map((name) => {
    const group = fleets.find(name)
    // Nobody knows the ID of a group before it is created.
    const resource =
      (isCreated ? undefined : group?.arn) ??
      `arn:aws:autoscaling:${region}:${accountId}:autoScalingGroup:*:autoScalingGroupName/${name}`
    return { action, resource, context: contextOf(form, group, isCreated) }
  })
  const launches = isCreated || operation === 'UpdateAutoScalingGroup' ? launchNeeds(place, form) : []
  const first = isCreated && fleets.all().length === 0 ? [firstGroup(accountId)] : []
  return [...(needs.length === 0 ? [{ action, resource: '*' }] : needs), ...launches, ...first]
}
