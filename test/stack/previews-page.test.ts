import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startCloudFormation, type CloudFormation } from './cloudformation.js'
import { FILES, read } from './pages.js'
import { blocksOf, hasClient, openShell, succeeded, type Ran, type Shell } from './shell.js'
import { PARAMETERS, PREVIEWS, previews, stackOf, TEMPLATE } from './template.js'

// The commands of docs/previews.md, pasted word for word, with the stock client, in an account with the stack of docs/setup.md.

const ifClient = hasClient ? describe : describe.skip

ifClient('a person who follows docs/previews.md', () => {
  let cloudformation: CloudFormation
  let shell: Shell
  beforeAll(async () => {
    const festival = {
      parameters: { ...PARAMETERS, Packages: 'nodejs npm', Port: '3000' },
      capabilities: ['CAPABILITY_NAMED_IAM'],
      template: read(TEMPLATE)
    }
    cloudformation = await startCloudFormation({ festival })
    shell = await openShell(FILES, {
      ...{
        AWS_DEFAULT_REGION: 'ap-northeast-2',
        AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'x'
      },
      AWS_ENDPOINT_URL_CLOUDFORMATION: cloudformation.url
    })
  })
  afterAll(async () => {
    await cloudformation.close()
    await shell.close()
  })
  const pasted: string[] = []
  const paste = async (words: string): Promise<Ran> => {
    const [block = '', ...others] = (await blocksOf('docs/previews.md')).filter((one) => one.includes(words))
    expect(others).toEqual([])
    pasted.push(block)
    const ran = await shell.run(block)
    succeeded(ran)
    return ran
  }

  test('deploys the stack of previews with all that the stack of production made', async () => {
    await paste("'PreviewParameters'")
    const created = cloudformation.stacks.get('festival-previews')
    expect(created).toMatchObject({ capabilities: ['CAPABILITY_NAMED_IAM'], template: read(PREVIEWS) })
    expect(created?.parameters).toMatchObject({
      ...{
        ...PARAMETERS,
        Host: 'pr-{number}.preview.example.com',
        Name: 'festival',
        Bucket: 'festival-bundles'
      },
      ...{ PreviewRole: 'festival-preview', VpcId: 'vpc-1', SubnetIds: 'subnet-1,subnet-2' },
      ...{ Packages: 'nodejs npm', Port: '3000' }
    })
    expect([...cloudformation.stacks.keys()]).toEqual(['festival', 'festival-previews'])
    expect(cloudformation.calls).toContain('ExecuteChangeSet')
  })

  test('leaves no parameter without a value', () => {
    const given = cloudformation.stacks.get('festival-previews')?.parameters ?? {}
    const needed = Object.entries(previews.Parameters).filter(([, { Default }]) => Default === undefined)
    expect(needed.map(([name]) => name).filter((name) => (given[name] ?? '') === '')).toEqual([])
  })

  test('learns where the wildcard record must point', async () => {
    expect((await paste("'DnsName'")).out).toBe('festival-previews.example.com\n')
  })

  test('stores the variables of both environments, of which one is new', async () => {
    await paste("'EnvironmentVariables'")
    const calls = (await shell.gh()).trimEnd().split('\n')
    const environment = 'repos/ORG/REPOSITORY/environments/preview-cleanup'
    expect(calls.filter((call) => call.includes(environment))).toEqual([
      expect.stringContaining(`--method PUT ${environment} `),
      expect.stringMatching(/\/deployment-branch-policies -f name=main$/)
    ])
    const { parameters } = cloudformation.stacks.get('festival-previews') ?? { parameters: {} }
    const output = stackOf(parameters, previews).value(previews.Outputs['EnvironmentVariables']?.Value)
    const expected = String(output).trimEnd().split('\n')
    expect(expected).toHaveLength(6)
    expect(calls.filter((call) => call.startsWith('gh variable set'))).toEqual(
      expected.map((line) => {
        const [where, name, value] = line.split(' ')
        return `gh variable set ${name} --repo ORG/REPOSITORY --env ${where} --body ${value}`
      })
    )
  })

  test('has then run every command of the page', async () => {
    expect(pasted.sort()).toEqual((await blocksOf('docs/previews.md')).sort())
  })
})
