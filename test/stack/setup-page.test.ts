import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Cloud } from '../cloud/start.js'
import { startCloudFormation, type CloudFormation } from './cloudformation.js'
import { FILES, openFestival, read } from './pages.js'
import { blocksOf, hasClient, openShell, succeeded, type Ran, type Shell } from './shell.js'
import { template, TEMPLATE } from './template.js'

// The commands of docs/setup.md, pasted word for word, with the stock client.

const ifClient = hasClient ? describe : describe.skip

ifClient('a person who follows docs/setup.md', () => {
  let cloudformation: CloudFormation
  let cloud: Cloud
  let shell: Shell
  beforeAll(async () => {
    cloudformation = await startCloudFormation()
    cloud = await openFestival()
    shell = await openShell(FILES, { ...cloud.env, AWS_ENDPOINT_URL_CLOUDFORMATION: cloudformation.url })
  })
  afterAll(async () => {
    await cloudformation.close()
    await cloud.stop()
    await shell.close()
  })
  const pasted: string[] = []
  const run = async (words: string): Promise<Ran> => {
    const [block = '', ...others] = (await blocksOf('docs/setup.md')).filter((one) => one.includes(words))
    expect(others).toEqual([])
    pasted.push(block)
    return shell.run(block)
  }
  const paste = async (words: string): Promise<Ran> => {
    const ran = await run(words)
    succeeded(ran)
    return ran
  }

  test('deploys the stack with parameters that it has', async () => {
    await paste('"Owner=\\(.owner.login)')
    await paste('cloudformation deploy')
    const created = cloudformation.stacks.get('festival')
    expect(created).toMatchObject({ capabilities: ['CAPABILITY_NAMED_IAM'], template: read(TEMPLATE) })
    const given = Object.keys(created?.parameters ?? {})
    expect(given).toEqual(['Name', 'Owner', 'OwnerId', 'Repository', 'RepositoryId'])
    expect(Object.keys(template.Parameters)).toEqual(expect.arrayContaining(given))
    expect(cloudformation.calls).toContain('ExecuteChangeSet')
  })

  test('stores the variables of the repository', async () => {
    await paste("'RepositoryVariables'")
    expect(await shell.gh()).toContain(
      `gh variable set --repo ORG/REPOSITORY --env-file -
AWS_REGION=ap-northeast-2
CODEDEPLOY_APPLICATION=festival
CODEDEPLOY_GROUP=web
CODEDEPLOY_BUCKET=festival-bundles
`
    )
  })

  test('gives every environment its role and its branches', async () => {
    await paste("'EnvironmentVariables'")
    const calls = (await shell.gh()).split('\n')
    const roles = calls.flatMap((call) => {
      const [, name, arn] = /^gh variable set AWS_ROLE_ARN .* --env (\S+) --body (\S+)$/.exec(call) ?? []
      return name === undefined ? [] : [[name, arn]]
    })
    expect(roles).toEqual(
      Object.entries({
        ...{ production: 'deploy', rollback: 'rollback', 'rollback-list': 'rollback-list' },
        ...{ preview: 'preview', setup: 'setup', check: 'check', cleanup: 'cleanup' }
      }).map(([environment, role]) => [environment, `arn:aws:iam::111122223333:role/festival-${role}`])
    )
    const branches = calls.filter((call) => call.includes('deployment-branch-policies'))
    expect(branches.filter((call) => call.endsWith(' -f name=main'))).toHaveLength(6)
    expect(
      branches.filter((call) =>
        call.endsWith('/preview/deployment-branch-policies -f name=refs/pull/*/merge')
      )
    ).toHaveLength(1)
  })

  test('writes the setup file, and runs the workflow', async () => {
    await paste("'SetupFile'")
    const file: unknown = parse(await readFile(join(shell.folder, '.github/codedeploy.yml'), 'utf8'))
    expect(file).toEqual(parse(read('examples/aws/codedeploy.yml')))
    await paste('gh workflow run')
    expect(await shell.gh()).toContain('gh workflow run setup.yml --repo ORG/REPOSITORY --field apply=true\n')
    expect(read('examples/workflows/setup.yml')).toMatch(/^ {4}inputs:\n {6}apply:$/m)
  })

  test('finds the application', async () => {
    expect((await paste("'Url'")).out).toBe('http://festival-web.example.com\n')
  })

  test('takes it all down again', async () => {
    await paste('delete-deployment-group')
    expect(cloud.requests.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(['DeleteDeploymentGroup', 'DeleteAutoScalingGroup'])
    )
    await paste('delete-stack')
    expect(cloudformation.calls.at(-1)).toBe('DeleteStack')
  })

  test('changes the default version of the launch template, which the local cloud does not simulate', async () => {
    const { errors } = await run('modify-launch-template')
    expect(errors).toMatch(/\(NotSimulated\).*does not simulate ec2:ModifyLaunchTemplate\./)
  })

  test('has then run every command of the page', async () => {
    expect(pasted.sort()).toEqual((await blocksOf('docs/setup.md')).sort())
  })
})
