import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PREVIEW_PARAMETERS, previews, stackOf, template, type Resource, type Stack } from './template.js'

// examples/aws/previews.yaml: what previews at addresses of their own need once, apart from production.

const ROOT = join(import.meta.dirname, '../..')
const CERTIFICATE = 'arn:aws:acm:ap-northeast-2:111122223333:certificate/2'

const previewsWith = (given: Record<string, string> = {}): Stack =>
  stackOf({ ...PREVIEW_PARAMETERS, ...given }, previews)
const production = stackOf().resources
const { resources } = previewsWith()

const properties = (name: string, all: Record<string, Resource> = resources): Record<string, unknown> =>
  all[name]?.Properties ?? {}
const launches = (all: Record<string, Resource>): Record<string, unknown> =>
  properties('LaunchTemplate', all)['LaunchTemplateData'] as Record<string, unknown>

describe('the load balancer of previews', () => {
  const NOTHING_HERE = {
    Type: 'fixed-response',
    FixedResponseConfig: {
      ...{ StatusCode: '404', ContentType: 'text/plain' },
      MessageBody: 'There is no preview at this address.'
    }
  }
  const listeners = (stack: Stack): unknown[] =>
    Object.values(stack.resources)
      .filter(({ Type }) => Type === 'AWS::ElasticLoadBalancingV2::Listener')
      .map(({ Properties }) => [Properties['Protocol'], Properties['DefaultActions']])

  test('has the name that docs/iam/optional-preview-environments.json limits rules to', () => {
    expect(properties('LoadBalancer')['Name']).toBe('festival-previews')
  })

  test('answers 404 where there is no preview, by HTTP or with a certificate by HTTPS alone', () => {
    expect(listeners(previewsWith())).toEqual([['HTTP', [NOTHING_HERE]]])
    expect(listeners(previewsWith({ CertificateArn: CERTIFICATE }))).toEqual([
      ['HTTP', [expect.objectContaining({ Type: 'redirect' })]],
      ['HTTPS', [NOTHING_HERE]]
    ])
  })

  test('is alone in reaching the instances, on the port of the application', () => {
    const { InstanceAccess: access } = previewsWith({ Port: '3000' }).resources
    expect(access?.Properties['SecurityGroupIngress']).toEqual([
      expect.objectContaining({
        ...{ IpProtocol: 'tcp', FromPort: '3000', ToPort: '3000' },
        SourceSecurityGroupId: '<LoadBalancerAccess.GroupId>'
      })
    ])
    expect(JSON.stringify(access)).not.toContain('Cidr')
  })
})

describe('an instance of previews', () => {
  test.each(['amazon-linux-2023', 'ubuntu-24.04'])('starts as one of production does on %s', (system) => {
    const given = { OperatingSystem: system, Processor: 'arm', InstanceType: 't4g.small', Packages: 'nodejs' }
    const [own, its] = [launches(previewsWith(given).resources), launches(stackOf(given).resources)]
    for (const same of ['ImageId', 'InstanceType', 'MetadataOptions', 'UserData'])
      expect([same, own[same]]).toEqual([same, its[same]])
  })

  test('has a profile of its own, whose role is not that of production', () => {
    expect(launches(resources)['IamInstanceProfile']).toEqual({ Arn: '<PreviewInstanceProfile.Arn>' })
    expect(properties('PreviewInstanceProfile')['Roles']).toEqual(['festival-preview-instance'])
    expect(properties('InstanceProfile', production)['Roles']).toEqual(['festival-instance'])
  })

  test('has no tag by which a role may read the logs of production', () => {
    expect(JSON.stringify(launches(resources))).not.toContain('codedeploy-instance-logs')
  })
})

describe('the code of a pull request', () => {
  const role = properties('PreviewInstanceRole')

  test('gets a role that reads the bundles of previews, and nothing else in the account', () => {
    expect(role['ManagedPolicyArns']).toBeUndefined()
    expect(role['Policies']).toEqual([expect.objectContaining({ PolicyName: 'preview-instance-policy' })])
    const files = 'arn:aws:s3:::festival-bundles/codedeploy-previews/festival-previews/*'
    expect(JSON.stringify(role)).toContain(`"Resource":"${files}"`)
  })

  test('is deployed by a role that may touch nothing but Auto Scaling groups of previews', () => {
    expect(properties('PreviewServiceRole')['ManagedPolicyArns']).toBeUndefined()
  })
})

test('the application is the one that previews use by default', () => {
  expect(properties('Application')['ApplicationName']).toBe('festival-previews')
})

describe('the outputs', () => {
  const variablesOf = (stack: Stack): Record<string, Record<string, string>> => {
    const all: Record<string, Record<string, string>> = {}
    for (const line of String(stack.value(previews.Outputs['EnvironmentVariables']?.Value))
      .trimEnd()
      .split('\n')) {
      const [environment = '', name = '', value = '', ...others] = line.split(' ')
      expect(others).toEqual([])
      all[environment] = { ...all[environment], [name]: value }
    }
    return all
  }
  const readBy = (workflow: string): string[] =>
    [...readFileSync(join(ROOT, workflow), 'utf8').matchAll(/\bvars\.(\w+)/g)].map(([, name = '']) => name)

  test('have the variables that the workflows read', () => {
    const { preview, 'preview-cleanup': cleanup, ...others } = variablesOf(previewsWith())
    expect(others).toEqual({})
    expect(preview).toEqual({
      CODEDEPLOY_PREVIEW_HOST: 'pr-{number}.preview.example.com',
      CODEDEPLOY_PREVIEW_LISTENER: expect.stringMatching(/:listener\/app\/festival-previews\/\w+\/\w+$/),
      CODEDEPLOY_PREVIEW_TEMPLATE: 'festival-preview',
      CODEDEPLOY_PREVIEW_SERVICE_ROLE: 'arn:aws:iam::111122223333:role/festival-preview-codedeploy'
    })
    expect(cleanup).toEqual({
      CODEDEPLOY_PREVIEW_LISTENER: preview?.['CODEDEPLOY_PREVIEW_LISTENER'],
      AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/festival-preview-cleanup'
    })
    expect(readBy('.github/workflows/preview.yml')).toEqual(
      expect.arrayContaining(Object.keys(preview ?? {}))
    )
    expect(readBy('examples/workflows/preview-cleanup.yml')).toEqual(
      expect.arrayContaining(Object.keys(cleanup ?? {}))
    )
    expect(properties('LaunchTemplate')['LaunchTemplateName']).toBe(preview?.['CODEDEPLOY_PREVIEW_TEMPLATE'])
  })

  test('name the listener that gets the rules: with a certificate, the one that speaks HTTPS', () => {
    const [http, https] = [previewsWith(), previewsWith({ CertificateArn: CERTIFICATE })].map(
      (stack) => variablesOf(stack)['preview']?.['CODEDEPLOY_PREVIEW_LISTENER']
    )
    expect(http).toBe(previewsWith().value({ Ref: 'HttpListener' }))
    expect(https).toBe(previewsWith({ CertificateArn: CERTIFICATE }).value({ Ref: 'HttpsListener' }))
    expect(http).not.toBe(https)
  })

  test('say where the wildcard record must point', () => {
    expect(previewsWith().value(previews.Outputs['DnsName']?.Value)).toBe('festival-previews.example.com')
  })
})

describe('the parameters', () => {
  /** As xargs reads them: words, with quotes around what has spaces. */
  const passed = (given: Record<string, string> = {}): Record<string, string> => {
    const output = String(stackOf(given).value(template.Outputs['PreviewParameters']?.Value))
    const words = [...output.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
    return Object.fromEntries(words.map((word) => word.split('=') as [string, string]))
  }
  const others = Object.keys(previews.Parameters).filter((name) => !['Host', 'CertificateArn'].includes(name))

  test('are those that the stack of production prints, but for the host and its certificate', () => {
    expect(Object.keys(passed()).sort()).toEqual(others.sort())
  })

  test('name what production has: its bucket, its network and the role for pull requests', () => {
    expect(passed({ Packages: 'nodejs npm', Port: '3000' })).toMatchObject({
      ...{ Name: 'festival', PreviewRole: 'festival-preview', Bucket: 'festival-bundles', Port: '3000' },
      ...{ VpcId: 'vpc-1', SubnetIds: 'subnet-1,subnet-2', Packages: 'nodejs npm' }
    })
    expect(passed({ VpcId: 'vpc-9', SubnetIds: 'subnet-8,subnet-9' })).toMatchObject({
      ...{ VpcId: 'vpc-9', SubnetIds: 'subnet-8,subnet-9' }
    })
  })

  test.each(others.filter((name) => !['PreviewRole', 'Bucket', 'VpcId', 'SubnetIds'].includes(name)))(
    '%s is what it is there, but for its description',
    (name) => {
      const Description: unknown = expect.anything()
      expect({ ...template.Parameters[name], Description }).toEqual({
        ...previews.Parameters[name],
        Description
      })
    }
  )

  test('accept only a host with a number in it', () => {
    const { AllowedPattern } = previews.Parameters['Host'] as unknown as { AllowedPattern: string }
    const accepts = (host: string): boolean => new RegExp(AllowedPattern).test(host)
    expect(
      ['pr-{number}.preview.example.com', '{number}.example.com'].filter((host) => !accepts(host))
    ).toEqual([])
    expect(
      ['preview.example.com', '*.example.com', 'pr-{number}', 'https://pr-{number}.example.com'].filter(
        accepts
      )
    ).toEqual([])
  })
})
