import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand
} from '@aws-sdk/client-auto-scaling'
import {
  CreateApplicationCommand,
  CreateDeploymentGroupCommand,
  DeleteDeploymentGroupCommand,
  type CodeDeployClient
} from '@aws-sdk/client-codedeploy'
import {
  AddTagsCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteRuleCommand,
  DeleteTargetGroupCommand,
  ElasticLoadBalancingV2Client
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { VPC } from '../loadbalancing/model.js'
import { PREVIEW_INSTANCE_GROUP, PREVIEW_TEMPLATE_ID, PREVIEWS } from '../preview-place.js'
import { startCloud, type Cloud } from '../start.js'
import { administrator, clientsOf, refusalOf, roleCredentials } from '../wire/clients.js'
import type { Statement } from './policy.js'

// A policy that is limited to what bears a tag: the shape that the documented ones have.

const PLACE = 'ap-northeast-2:123456789012'
const TAGS = [{ Key: 'preview-of', Value: 'app' }]
const REQUESTED = { StringEquals: { 'aws:RequestTag/preview-of': 'app' } }
const BORNE = { StringEquals: { 'aws:ResourceTag/preview-of': 'app' } }

const STATEMENTS: Record<string, Statement> = {
  createGroup: {
    ...{ Effect: 'Allow', Action: 'elasticloadbalancing:CreateTargetGroup', Condition: REQUESTED },
    Resource: `arn:aws:elasticloadbalancing:${PLACE}:targetgroup/pr-*/*`
  },
  createRule: {
    ...{ Effect: 'Allow', Action: 'elasticloadbalancing:CreateRule', Condition: REQUESTED },
    Resource: `arn:aws:elasticloadbalancing:${PLACE}:listener/app/example-previews/*`
  },
  tagWhatIsCreated: {
    ...{ Effect: 'Allow', Action: 'elasticloadbalancing:AddTags', Resource: '*' },
    Condition: {
      ...REQUESTED,
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['preview-of'] },
      StringLike: { 'elasticloadbalancing:CreateAction': ['CreateTargetGroup', 'CreateRule'] }
    }
  },
  deleteBoth: {
    ...{ Effect: 'Allow', Resource: '*', Condition: BORNE },
    Action: ['elasticloadbalancing:DeleteRule', 'elasticloadbalancing:DeleteTargetGroup']
  },
  createFleet: {
    ...{ Effect: 'Allow', Action: 'autoscaling:CreateAutoScalingGroup' },
    Resource: `arn:aws:autoscaling:${PLACE}:autoScalingGroup:*:autoScalingGroupName/pr-*`,
    Condition: {
      ...REQUESTED,
      'ForAllValues:ArnLike': {
        'autoscaling:TargetGroupARNs': `arn:aws:elasticloadbalancing:${PLACE}:targetgroup/pr-*/*`
      },
      Bool: { 'autoscaling:LaunchTemplateVersionSpecified': 'true' },
      NumericLessThanEquals: { 'autoscaling:MaxSize': '1' }
    }
  },
  deleteFleet: {
    ...{ Effect: 'Allow', Action: 'autoscaling:DeleteAutoScalingGroup', Resource: '*' },
    Condition: { StringEquals: { 'autoscaling:ResourceTag/preview-of': 'app' } }
  },
  launch: {
    ...{ Effect: 'Allow', Action: 'ec2:RunInstances', Resource: '*' },
    Condition: {
      ArnEquals: { 'ec2:LaunchTemplate': `arn:aws:ec2:${PLACE}:launch-template/${PREVIEW_TEMPLATE_ID}` }
    }
  },
  tagInstances: {
    ...{ Effect: 'Allow', Action: 'ec2:CreateTags', Resource: `arn:aws:ec2:${PLACE}:instance/*` },
    Condition: { StringEquals: { 'ec2:CreateAction': 'RunInstances' } }
  },
  passInstanceRole: {
    ...{ Effect: 'Allow', Action: 'iam:PassRole' },
    Resource: `arn:aws:iam::123456789012:role/${PREVIEWS.instanceRole}`,
    Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } }
  },
  createDeploymentGroup: {
    ...{ Effect: 'Allow', Action: 'codedeploy:CreateDeploymentGroup', Condition: REQUESTED },
    Resource: `arn:aws:codedeploy:${PLACE}:deploymentgroup:ExampleApp-previews/*`
  },
  passServiceRole: {
    ...{ Effect: 'Allow', Action: 'iam:PassRole' },
    Resource: `arn:aws:iam::123456789012:role/${PREVIEWS.serviceRole}`,
    Condition: { StringEquals: { 'iam:PassedToService': 'codedeploy.amazonaws.com' } }
  },
  deleteDeploymentGroup: {
    ...{ Effect: 'Allow', Action: 'codedeploy:DeleteDeploymentGroup', Condition: BORNE },
    Resource: `arn:aws:codedeploy:${PLACE}:deploymentgroup:ExampleApp-previews/*`
  }
}

interface Clients {
  elb: ElasticLoadBalancingV2Client
  scaling: AutoScalingClient
  codedeploy: CodeDeployClient
}

let cloud: Cloud
let role: Clients
let admin: Clients

const clients = (credentials: ReturnType<typeof administrator>): Clients => {
  const options = { endpoint: cloud.url, region: 'ap-northeast-2', maxAttempts: 1, credentials }
  return {
    elb: new ElasticLoadBalancingV2Client(options),
    scaling: new AutoScalingClient(options),
    codedeploy: clientsOf(cloud, { credentials }).codedeploy
  }
}

beforeEach(async () => {
  cloud = await startCloud({ scripted: true, previews: true, timeScale: 500 })
  role = clients(await roleCredentials(cloud))
  admin = clients(administrator(cloud))
  cloud.role.policy = { Version: '2012-10-17', Statement: Object.values(STATEMENTS) }
  await admin.codedeploy.send(new CreateApplicationCommand({ applicationName: 'ExampleApp-previews' }))
})

afterEach(async () => {
  for (const { elb, scaling, codedeploy } of [role, admin])
    for (const client of [elb, scaling, codedeploy]) client.destroy()
  await cloud.stop()
})

const createGroup = async (by: Clients, Name: string, Tags = TAGS): Promise<string> => {
  const { TargetGroups } = await by.elb.send(
    new CreateTargetGroupCommand({
      Name,
      Protocol: 'HTTP',
      Port: 80,
      VpcId: VPC,
      ...(Tags.length > 0 ? { Tags } : {})
    })
  )
  return TargetGroups?.[0]?.TargetGroupArn ?? ''
}

const createRule = async (by: Clients, group: string, Tags = TAGS): Promise<string> => {
  const { Rules } = await by.elb.send(
    new CreateRuleCommand({
      ...{ ListenerArn: cloud.env['PREVIEW_LISTENER_ARN'], Priority: 1 + cloud.requests.length },
      Conditions: [{ Field: 'host-header', Values: ['pr-7.example.com'] }],
      Actions: [{ Type: 'forward', TargetGroupArn: group }],
      ...(Tags.length > 0 ? { Tags } : {})
    })
  )
  return Rules?.[0]?.RuleArn ?? ''
}

const createFleet = (
  by: Clients,
  group: string,
  change: { name?: string; template?: string; version?: string } = {}
) =>
  by.scaling.send(
    new CreateAutoScalingGroupCommand({
      ...{ AutoScalingGroupName: change.name ?? 'pr-7', MinSize: 1, MaxSize: 1, TargetGroupARNs: [group] },
      VPCZoneIdentifier: 'subnet-1',
      LaunchTemplate: {
        LaunchTemplateId: change.template ?? PREVIEW_TEMPLATE_ID,
        Version: change.version ?? '1'
      },
      Tags: TAGS.map((tag) => ({ ...tag, PropagateAtLaunch: true }))
    })
  )

const createDeploymentGroup = (by: Clients, autoScalingGroup: string, tags = TAGS) =>
  by.codedeploy.send(
    new CreateDeploymentGroupCommand({
      ...{ applicationName: 'ExampleApp-previews', deploymentGroupName: autoScalingGroup, tags },
      ...{ autoScalingGroups: [autoScalingGroup], serviceRoleArn: cloud.env['PREVIEW_SERVICE_ROLE_ARN'] }
    })
  )

const deleteDeploymentGroup = (by: Clients, deploymentGroupName: string) =>
  by.codedeploy.send(
    new DeleteDeploymentGroupCommand({ applicationName: 'ExampleApp-previews', deploymentGroupName })
  )

const denied = async (call: Promise<unknown>): Promise<boolean> => /^AccessDenied/.test(await refusalOf(call))

test('a policy that asks for a tag is enough for a whole preview', async () => {
  const group = await createGroup(role, 'pr-7')
  const rule = await createRule(role, group)
  await createFleet(role, group)
  await createDeploymentGroup(role, 'pr-7')
  await deleteDeploymentGroup(role, 'pr-7')
  await role.elb.send(new DeleteRuleCommand({ RuleArn: rule }))
  await role.scaling.send(
    new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'pr-7', ForceDelete: true })
  )
  await role.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: group }))
})

test('each of its statements is needed', async () => {
  const group = await createGroup(role, 'pr-7')
  const rule = await createRule(role, group)
  const without = async (name: string, call: () => Promise<unknown>): Promise<boolean> => {
    const kept = Object.entries(STATEMENTS).filter(([key]) => key !== name)
    cloud.role.policy = { Version: '2012-10-17', Statement: kept.map(([, statement]) => statement) }
    const result = await denied(call())
    cloud.role.policy = { Version: '2012-10-17', Statement: Object.values(STATEMENTS) }
    return result
  }
  const calls: Record<string, () => Promise<unknown>> = {
    createGroup: () => createGroup(role, 'pr-8'),
    createRule: () => createRule(role, group),
    tagWhatIsCreated: () => createGroup(role, 'pr-8'),
    createFleet: () => createFleet(role, group),
    launch: () => createFleet(role, group),
    tagInstances: () => createFleet(role, group),
    passInstanceRole: () => createFleet(role, group),
    deleteBoth: () => role.elb.send(new DeleteRuleCommand({ RuleArn: rule }))
  }
  for (const [name, call] of Object.entries(calls))
    expect([name, await without(name, call)]).toEqual([name, true])
  await createFleet(role, group)
  const later: Record<string, () => Promise<unknown>> = {
    createDeploymentGroup: () => createDeploymentGroup(role, 'pr-7'),
    passServiceRole: () => createDeploymentGroup(role, 'pr-7'),
    deleteFleet: () => role.scaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'pr-7' }))
  }
  for (const [name, call] of Object.entries(later))
    expect([name, await without(name, call)]).toEqual([name, true])
  await createDeploymentGroup(role, 'pr-7')
  expect(await without('deleteDeploymentGroup', () => deleteDeploymentGroup(role, 'pr-7'))).toBe(true)
})

test('it reaches nothing without the tag, nor with other values', async () => {
  const group = await createGroup(role, 'pr-7')
  const [bare, foreign] = [await createGroup(admin, 'pr-bare', []), await createGroup(admin, 'other')]
  const rule = await createRule(admin, bare, [])
  const OTHER = [{ Key: 'preview-of', Value: 'other' }]
  const more = [...TAGS, { Key: 'team', Value: 'x' }]
  const calls: Record<string, () => Promise<unknown>> = {
    'no tag on a new target group': () => createGroup(role, 'pr-9', []),
    'another value': () => createGroup(role, 'pr-9', OTHER),
    'one more tag': () => createGroup(role, 'pr-9', more),
    'another name': () => createGroup(role, 'web', TAGS),
    'tags on what exists': () => role.elb.send(new AddTagsCommand({ ResourceArns: [bare], Tags: TAGS })),
    'a rule without the tag': () => role.elb.send(new DeleteRuleCommand({ RuleArn: rule })),
    'a target group without it': () => role.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: bare })),
    'a fleet in front of another target group': () => createFleet(role, foreign),
    'a fleet of another name': () => createFleet(role, group, { name: 'web' }),
    "a fleet from production's template": () =>
      createFleet(role, group, { template: 'lt-0123456789abcdef0' }),
    'a version that can change': () => createFleet(role, group, { version: '$Latest' }),
    "production's fleet": () =>
      role.scaling.send(
        new DeleteAutoScalingGroupCommand({
          AutoScalingGroupName: 'ExampleApp-blue-green',
          ForceDelete: true
        })
      )
  }
  for (const [name, call] of Object.entries(calls)) expect([name, await denied(call())]).toEqual([name, true])
})

test('a launch asks for everything that the template and the group name', async () => {
  const group = await createGroup(role, 'pr-7')
  cloud.role.asked.length = 0
  await createFleet(role, group)
  const runs = cloud.role.asked.filter(({ action }) => action === 'ec2:RunInstances')
  expect(runs.map(({ resource }) => resource?.replace(/^arn:aws:ec2:ap-northeast-2:\d*:/, ''))).toEqual([
    ...[`launch-template/${PREVIEW_TEMPLATE_ID}`, 'image/ami-0123456789abcdef0', 'instance/*'],
    ...['network-interface/*', 'volume/*', `security-group/${PREVIEW_INSTANCE_GROUP}`, 'subnet/subnet-1']
  ])
})
