import { describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { stackOf, template, type Resource } from './template.js'

const ROOT = join(import.meta.dirname, '../..')
const CERTIFICATE = 'arn:aws:acm:ap-northeast-2:111122223333:certificate/1'
const { resources } = stackOf()
const ofType = (type: string, all = resources): Resource[] =>
  Object.values(all).filter(({ Type }) => Type === type)
const one = (type: string, all = resources): Record<string, unknown> => {
  const [found, ...others] = ofType(type, all)
  expect(others).toEqual([])
  return found?.Properties ?? {}
}

test('the stack leaves to `setup` what CodeDeploy replaces at every deployment', () => {
  expect(ofType('AWS::AutoScaling::AutoScalingGroup')).toEqual([])
  expect(ofType('AWS::CodeDeploy::DeploymentGroup')).toEqual([])
})

describe('the bucket', () => {
  const bucket = ofType('AWS::S3::Bucket')[0]

  test('expires nothing that is current, so that the live bundle is never lost', () => {
    const { Rules } = bucket?.Properties['LifecycleConfiguration'] as { Rules: Record<string, unknown>[] }
    const what = Rules.flatMap((rule) => Object.keys(rule).filter((key) => !['Id', 'Status'].includes(key)))
    expect(what).toEqual([
      'AbortIncompleteMultipartUpload',
      'NoncurrentVersionExpiration',
      'ExpiredObjectDeleteMarker'
    ])
  })

  test('outlives the stack, keeps versions, belongs to its owner alone and is open to nobody', () => {
    expect([bucket?.DeletionPolicy, bucket?.UpdateReplacePolicy]).toEqual(['Retain', 'Retain'])
    expect(bucket?.Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true
      }
    })
  })

  test('answers only by TLS', () => {
    expect(one('AWS::S3::BucketPolicy')['PolicyDocument']).toMatchObject({
      Statement: [
        {
          Effect: 'Deny',
          Action: 's3:*',
          Resource: ['arn:aws:s3:::festival-bundles', 'arn:aws:s3:::festival-bundles/*'],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } }
        }
      ]
    })
  })
})

describe.each(['amazon-linux-2023', 'ubuntu-24.04'])('the launch template for %s', (OperatingSystem) => {
  const stack = stackOf({ OperatingSystem, Processor: 'arm', Packages: 'nodejs npm' })
  const data = one('AWS::EC2::LaunchTemplate', stack.resources)['LaunchTemplateData'] as Record<
    string,
    unknown
  >
  const script = String(data['UserData'])

  test('has a script that a shell can read, with the agent at its end', () => {
    const checked = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' })
    expect([checked.status, checked.stderr]).toEqual([0, ''])
    expect(script).toMatch(/^#!\/bin\/bash\n/)
    expect(script).toMatch(/ ruby\S* wget nodejs npm && break$/m)
    expect(script).toContain(
      ' https://aws-codedeploy-ap-northeast-2.s3.ap-northeast-2.amazonaws.com/latest/install\n'
    )
    expect(script.trimEnd().split('\n').at(-1)).toBe('systemctl enable --now codedeploy-agent')
  })

  test('names an image of that system for that processor', () => {
    const name = OperatingSystem === 'ubuntu-24.04' ? /canonical.*24\.04.*arm64/ : /al2023.*arm64/
    expect(data['ImageId']).toMatch(/^\{\{resolve:ssm:\/aws\/service\/.+\}\}$/)
    expect(data['ImageId']).toMatch(name)
  })
})

describe('an instance', () => {
  const data = one('AWS::EC2::LaunchTemplate')['LaunchTemplateData'] as Record<string, unknown>

  test('shows its role only to who asks with a token', () => {
    expect(data['MetadataOptions']).toMatchObject({ HttpTokens: 'required' })
  })

  test('has the tag that docs/iam/optional-instance-logs.json asks for', () => {
    const [{ Tags }] = data['TagSpecifications'] as [{ Tags: object[] }]
    expect(Tags).toContainEqual({ Key: 'codedeploy-instance-logs', Value: 'festival' })
  })

  test('is reached by the load balancer alone, and needs no NAT gateway', () => {
    const access = resources['InstanceAccess']?.Properties['SecurityGroupIngress'] as object[]
    expect(access).toEqual([
      expect.objectContaining({ SourceSecurityGroupId: '<LoadBalancerAccess.GroupId>' })
    ])
    expect(JSON.stringify(access)).not.toContain('Cidr')
    expect(ofType('AWS::EC2::NatGateway')).toEqual([])
    expect(ofType('AWS::EC2::Subnet').map(({ Properties }) => Properties['MapPublicIpOnLaunch'])).toEqual([
      true,
      true
    ])
  })
})

describe('the load balancer', () => {
  const listeners = (given: Record<string, string>): unknown[] =>
    ofType('AWS::ElasticLoadBalancingV2::Listener', stackOf(given).resources).map(({ Properties }) => [
      Properties['Protocol'],
      (Properties['DefaultActions'] as { Type: string }[]).map(({ Type }) => Type)
    ])

  test('speaks HTTP, and with a certificate HTTPS alone', () => {
    expect(listeners({})).toEqual([['HTTP', ['forward']]])
    expect(listeners({ CertificateArn: CERTIFICATE })).toEqual([
      ['HTTP', ['redirect']],
      ['HTTPS', ['forward']]
    ])
  })

  test('lets go of an instance in 30 s, and takes one in 20 s', () => {
    expect(one('AWS::ElasticLoadBalancingV2::TargetGroup')).toMatchObject({
      HealthCheckIntervalSeconds: 10,
      HealthyThresholdCount: 2,
      TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }]
    })
  })
})

describe('the outputs', () => {
  const stack = stackOf()
  const output = (name: string): string => String(stack.value(template.Outputs[name]?.Value))
  const pairs = (name: string, between: string): string[][] =>
    output(name)
      .trimEnd()
      .split('\n')
      .map((line) => line.split(between))

  test('have the variables that the workflows read', () => {
    const variables = Object.fromEntries(pairs('RepositoryVariables', '=')) as Record<string, string>
    const workflow = readFileSync(join(ROOT, '.github/workflows/deploy.yml'), 'utf8')
    // The stack's group copies its fleet; those of two fixed fleets are for groups that do not.
    const read = [...workflow.matchAll(/\bvars\.(\w+)/g)]
      .map(([, name = '']) => name)
      .filter((name) => !name.startsWith('CODEDEPLOY_GREEN_'))
    expect([...Object.keys(variables), 'AWS_ROLE_ARN'].sort()).toEqual([...new Set(read)].sort())
    expect(variables).toMatchObject({ CODEDEPLOY_GROUP: 'web', CODEDEPLOY_BUCKET: 'festival-bundles' })
  })

  test('have the role of every environment', () => {
    const roles = pairs('EnvironmentVariables', ' ')
    const trusted = roles.map(([environment = '', arn = '']) => {
      const role = Object.values(resources).find(
        ({ Properties }) => Properties['RoleName'] === arn.replace(/^.*:role\//, '')
      )
      return JSON.stringify(role?.Properties['AssumeRolePolicyDocument']).includes(
        `environment:${environment}"`
      )
    })
    expect(trusted).toEqual(roles.map(() => true))
    expect(roles.map(([environment]) => environment)).toContain('rollback-list')
  })

  test('have the setup file of examples/aws/codedeploy.yml', () => {
    const example: unknown = parse(readFileSync(join(ROOT, 'examples/aws/codedeploy.yml'), 'utf8'))
    expect(parse(output('SetupFile'))).toEqual(example)
  })

  test('name an alarm that the stack makes, and not the one that a new fleet sets off', () => {
    const alarms = ofType('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties['AlarmName'])
    expect(alarms).toEqual(['festival-5xx', 'festival-unhealthy'])
    expect((parse(output('SetupFile')) as { alarms: string[] }).alarms).toEqual(['festival-5xx'])
  })
})
