import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openYard, type JobEnd, type Yard } from '../faults/job.js'
import { certificate, type Certificate, type CertificateWish } from './certificate.js'
import { startFront } from './front.js'

const DAY_MS = 86_400_000
const MINE = { name: 'aws', hosts: ['127.0.0.1'] }

let yard: Yard
let folder: string
let issuer: Certificate
let versions = 0
beforeAll(async () => {
  yard = await openYard({ timeScale: 400, script: { bootSeconds: 2, eventSeconds: 2 } })
  folder = await mkdtemp(join(tmpdir(), 'certificates-'))
  issuer = certificate({ name: 'Authority of this test' })
  await writeFile(join(folder, 'authority.pem'), issuer.pem)
})
afterAll(async () => {
  await yard.close()
  await rm(folder, { recursive: true, force: true })
})

/** Runs a job against the service of this variable, which shows this certificate. */
const meet = async (
  shown: CertificateWish,
  { variable = 'AWS_ENDPOINT_URL_STS', trusted = true }: { variable?: string; trusted?: boolean }
): Promise<JobEnd & { connections: number }> => {
  const front = await startFront(certificate(shown), yard.cloud.url)
  try {
    const path = (yard.cloud.env[variable] ?? '').replace(yard.cloud.url, '')
    const job = await yard.start(`v${++versions}`, {
      env: {
        [variable]: `${front.url}${path}`,
        ...(trusted ? { NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem') } : {})
      }
    })
    return { ...(await job.ended), connections: front.connections }
  } finally {
    await front.close()
    await yard.clear()
  }
}

describe('a certificate from an unknown authority', () => {
  test.each([
    ['ACTIONS_ID_TOKEN_REQUEST_URL', 1],
    ['AWS_ENDPOINT_URL_STS', 1],
    ['AWS_ENDPOINT_URL_CODEDEPLOY', 1],
    // The group's record, which a run can do without, and then the bundle.
    ['AWS_ENDPOINT_URL_S3', 2]
  ])('is reported at once, with how to trust it (%s)', async (variable, calls) => {
    const { code, log, connections } = await meet({ ...MINE, issuer }, { variable, trusted: false })
    expect([code, connections]).toEqual([1, calls])
    expect(log).toContain('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    expect(log).toContain('Set NODE_EXTRA_CA_CERTS in the environment of the runner')
    expect(log).not.toMatch(/githubstatus|status\.aws|role-to-assume|Retrying/)
  })

  test('is reported in the same way if it is self-signed', async () => {
    const { log, connections } = await meet(MINE, {})
    expect(connections).toBe(1)
    expect(log).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT.*Set NODE_EXTRA_CA_CERTS/)
  })

  test('is accepted once NODE_EXTRA_CA_CERTS names the authority', async () => {
    const { code, log } = await meet({ ...MINE, issuer }, {})
    expect(code === 0 ? '' : log).toBe('')
  })
})

test.each([
  [
    'has expired',
    { ...MINE, to: Date.now() - DAY_MS / 2 },
    'CERT_HAS_EXPIRED',
    'Compare the clock of the runner'
  ],
  ['is not valid yet', { ...MINE, from: Date.now() + DAY_MS / 2 }, 'CERT_NOT_YET_VALID', 'Compare the clock'],
  [
    'is for another name',
    { name: 'aws', hosts: ['elsewhere.example.com'] },
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'Something other than the service answers'
  ]
])('a certificate that %s is reported at once, with what to check', async (_, shown, code, advice) => {
  const { log, connections } = await meet({ ...shown, issuer }, {})
  expect(connections).toBe(1)
  expect(log).toContain(code)
  expect(log).toContain(advice)
  expect(log).not.toMatch(/NODE_EXTRA_CA_CERTS|githubstatus|role-to-assume/)
})
