import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseEnv } from 'node:util'
import { afterEach, beforeEach, expect, test } from '@jest/globals'

let folder = ''
let child: ChildProcess | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloud-test-'))
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

const start = (...options: string[]): ChildProcess => {
  // The cloud's scratch folder is below TMPDIR, so that the test can see what is left of it.
  const env = { ...process.env, TMPDIR: folder }
  child = spawn(process.execPath, ['--import', 'tsx', '--', 'test/cloud/main.ts', ...options], { env })
  return child
}

test('runs until it is stopped, and leaves nothing behind', async () => {
  const file = join(folder, 'cloud.env')
  const cloud = start('--env-file', file, '--instances', '1', '--time-scale', '1000')
  const [ready] = (await once(cloud.stdout ?? cloud, 'data')) as [Buffer]
  expect(ready.toString()).toMatch(
    /^cloud: AWS and GitHub at http:\/\/127\.0\.0\.1:\d+, the service at http:/
  )
  const env = parseEnv(await readFile(file, 'utf8'))
  expect(Object.keys(env)).toEqual(
    expect.arrayContaining([
      ...['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
      ...['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'ROLE_ARN', 'APPLICATION_NAME'],
      ...['DEPLOYMENT_GROUP_NAME', 'S3_BUCKET', 'SERVICE_URL'],
      ...['PREVIEW_LISTENER_ARN', 'PREVIEW_LAUNCH_TEMPLATE', 'PREVIEW_SERVICE_ROLE_ARN', 'PREVIEW_URL']
    ])
  )
  const unknown = await fetch(env['PREVIEW_URL'] ?? '')
  expect(`${unknown.status} ${await unknown.text()}`).toBe('404 No such preview.\n')
  expect((await fetch(`${env['AWS_ENDPOINT_URL'] ?? ''}/_cloud/requests`)).status).toBe(200)
  cloud.kill('SIGTERM')
  expect(await once(cloud, 'exit')).toEqual([0, null])
  expect(existsSync(file)).toBe(false)
  expect((await readdir(folder)).filter((name) => name.startsWith('local-cloud-'))).toEqual([])
})

test('an invalid option causes one clear error', async () => {
  const cloud = start('--instances', 'many')
  const told = cloud.stderr === null ? '' : text(cloud.stderr)
  expect(await once(cloud, 'exit')).toEqual([1, null])
  expect(await told).toBe(
    'cloud: --instances "many" is not a whole number of at least 1; --help lists the options\n'
  )
})
