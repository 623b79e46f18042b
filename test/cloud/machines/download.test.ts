import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { AgentCommand, Machine } from '../contract.js'
import { appspec, deploy, gzip, openYard, order, tar, zip } from './fixture.js'
import type { Yard } from './fixture.js'

let yard: Yard
let machine: Machine
beforeEach(async () => {
  yard = openYard('off')
  machine = yard.fleet.launch({ instanceId: 'i-download', tags: {} })
  await machine.booted
})
afterEach(() => yard.close())

const within = (name: string) =>
  path.join(yard.scratch, 'instances/i-download/root/opt/codedeploy-agent/deployment-root', name)
const archive = () => within('group-id/d-ONE/deployment-archive')
const download = (revision: AgentCommand['revision']) => machine.run(order('DownloadBundle', { revision }))
const spec = appspec('BeforeInstall', 's.sh')

const bundles = [
  ['zip', zip],
  ['tar', tar],
  ['tgz', (tree: Parameters<typeof tar>[0]) => gzip(tar(tree))]
] as const

test.each(bundles)('a %s is fetched, unpacked and noted as the most recent one', async (type, pack) => {
  const revision = yard.put('k', pack({ 'appspec.yml': spec, 's.sh': 'exit 0\n' }), type)
  expect(await download(revision)).toMatchObject({ errorCode: 'Success' })
  expect(readdirSync(archive()).sort()).toEqual(['appspec.yml', 's.sh'])
  expect(existsSync(within('group-id/d-ONE/bundle.tar'))).toBe(true)
  expect(readFileSync(within('deployment-instructions/group-id_most_recent_install'), 'utf8')).toBe(
    '/opt/codedeploy-agent/deployment-root/group-id/d-ONE'
  )
  expect(existsSync(within('deployment-instructions/group-id_last_successful_install'))).toBe(false)
})

describe('one folder at the top', () => {
  const cases: [name: string, tree: Parameters<typeof tar>[0], top: string[]][] = [
    ['with an AppSpec is stripped', { 'app/appspec.yml': spec, 'app/a.txt': '' }, ['a.txt', 'appspec.yml']],
    ['next to another one stays', { 'app/appspec.yml': spec, '__MACOSX/x': '' }, ['__MACOSX', 'app']],
    ['without an AppSpec stays', { 'app/a.txt': '' }, ['app']]
  ]
  test.each(cases)('%s', async (_name, tree, top) => {
    expect(await download(yard.put('k', zip(tree), 'zip'))).toMatchObject({ errorCode: 'Success' })
    expect(readdirSync(archive()).sort()).toEqual(top)
  })
})

describe('a download fails because of', () => {
  const failed = (message: string) => ({ errorCode: 'UnknownError', scriptName: '', message, logTail: '' })

  test('another ETag', async () => {
    const revision = { ...yard.put('k', tar({ a: '' })), etag: 'abc' }
    const { message } = await download(revision)
    expect(message).toMatch(/^Expected deployment artifact bundle etag abc but was actually "[0-9a-f]{32}"$/)
  })
  test('a missing object', async () => {
    const revision = { bucket: 'b', key: 'none', bundleType: 'zip' }
    expect(await download(revision)).toEqual(failed('The specified key does not exist.'))
  })
  test('another kind of archive than declared', async () => {
    const revision = yard.put('k', zip({ a: '' }), 'tar')
    expect(await download(revision)).toEqual(failed('Error extracting tar archive: 2'))
    expect(await download({ ...revision, bundleType: 'tgz' })).toEqual(
      failed('Error extracting tar archive: 2')
    )
    expect(await download(yard.put('t', tar({ a: '' }), 'zip'))).toEqual(
      failed('Error extracting zip archive: 9')
    )
    expect(await download({ ...revision, bundleType: 'YAML' })).toEqual(
      failed('BundleType in S3Revision must be tar, tgz or zip')
    )
  })
})

test('five unpacked revisions stay, including the last successful one', async () => {
  const revision = yard.put('k', tar({ 'appspec.yml': 'version: 0.0\nos: linux\n' }))
  expect(await deploy(machine, order('', { revision, deploymentId: 'd-0' }))).toMatchObject({
    errorCode: 'Success'
  })
  for (const id of [1, 2, 3, 4, 5, 6])
    await machine.run(order('DownloadBundle', { revision, deploymentId: `d-${id}` }))
  expect(readdirSync(within('group-id')).sort()).toEqual(['d-0', 'd-3', 'd-4', 'd-5', 'd-6'])
})
