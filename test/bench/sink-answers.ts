/** A request as the sink sees it. */
export interface Asked {
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string>
  /** Size of the body in bytes. */
  length: number
  /** Only for small requests. */
  body: Buffer
}

export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

/** What a bucket remembers about the objects it threw away. */
export interface Bucket {
  objects: Map<string, KeptHeaders>
  uploads: Map<string, KeptHeaders>
  /** The last deployment to the application LIVE. */
  live?: unknown
}

/** Other applications forget their deployments at once, so that each run starts from scratch. */
export const LIVE = 'live'

type KeptHeaders = Record<string, string>

const ETAG = '"0123456789abcdef0123456789abcdef"'

/** The few answers that `aws deploy push`, `aws s3 cp` and a deployment that does not wait need. */
export const answerTo = (asked: Asked, bucket: Bucket): Answer => {
  const target = asked.headers['x-amz-target']
  if (target !== undefined) return codeDeploy(target.slice(target.lastIndexOf('.') + 1), asked, bucket)
  if (asked.method === 'POST' && asked.path === '/' && asked.query.size === 0)
    return form(new URLSearchParams(asked.body.toString()).get('Action') ?? '')
  return s3(asked, bucket)
}

const s3 = (asked: Asked, bucket: Bucket): Answer => {
  const { method, path, query } = asked
  const upload = query.get('uploadId')
  if (method === 'HEAD') {
    const kept = bucket.objects.get(path)
    return kept === undefined ? answer(404) : answer(200, '', { etag: ETAG, ...kept })
  }
  if (method === 'POST' && query.has('uploads')) {
    const id = `upload-${bucket.uploads.size + 1}`
    bucket.uploads.set(id, metadataOf(asked))
    return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
  }
  if (method === 'POST' && upload !== null) {
    const size = asked.headers['x-amz-mp-object-size']
    const told = size === undefined ? {} : { 'content-length': size }
    bucket.objects.set(path, { ...bucket.uploads.get(upload), ...told })
    return xml(`<CompleteMultipartUploadResult><ETag>${ETAG}</ETag></CompleteMultipartUploadResult>`)
  }
  // The record of a group that was never rolled back.
  if (path.includes('/groups/'))
    return answer(404, '<Error><Code>NoSuchKey</Code></Error>', { 'content-type': 'application/xml' })
  if (method === 'GET') return xml('<ListBucketResult></ListBucketResult>')
  if (method === 'DELETE') return answer(204)
  if (upload === null)
    bucket.objects.set(path, { ...metadataOf(asked), 'content-length': String(asked.length) })
  const range = asked.headers['x-amz-copy-source-range']
  if (range !== undefined && upload !== null) return copiedPart(range, upload, bucket)
  if (asked.headers['x-amz-copy-source'] !== undefined)
    return xml(`<CopyObjectResult><ETag>${ETAG}</ETag></CopyObjectResult>`)
  return answer(200, '', { etag: ETAG })
}

/** The size of a copy in parts is the end of its last part. */
const copiedPart = (range: string, upload: string, { uploads }: Bucket): Answer => {
  const kept = uploads.get(upload)
  const end = Number(range.split('-').at(-1)) + 1
  uploads.set(upload, {
    ...kept,
    'content-length': String(Math.max(end, Number(kept?.['content-length'] ?? 0)))
  })
  return xml(`<CopyPartResult><ETag>${ETAG}</ETag></CopyPartResult>`)
}

const metadataOf = ({ headers }: Asked): KeptHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-')))

const GROUP = {
  applicationName: 'app',
  deploymentGroupName: 'group',
  deploymentGroupId: '00000000-0000-0000-0000-000000000000',
  deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
  computePlatform: 'Server',
  serviceRoleArn: 'arn:aws:iam::123456789012:role/codedeploy',
  autoScalingGroups: [{ name: 'blue', hook: 'hook' }],
  deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
  blueGreenDeploymentConfiguration: {
    terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 5 },
    deploymentReadyOption: { actionOnTimeout: 'CONTINUE_DEPLOYMENT', waitTimeInMinutes: 0 },
    greenFleetProvisioningOption: { action: 'COPY_AUTO_SCALING_GROUP' }
  },
  loadBalancerInfo: { targetGroupInfoList: [{ name: 'web' }] }
}

const DEPLOYMENT = {
  deploymentId: 'd-BENCHMARK',
  applicationName: 'app',
  deploymentGroupName: 'group',
  status: 'Created',
  creator: 'user',
  createTime: 1_700_000_000
}
const LIVE_ID = 'd-LIVE00000'
const last = { deploymentId: LIVE_ID, status: 'Succeeded', createTime: 1_700_000_000, endTime: 1_700_000_100 }

const codeDeploy = (operation: string, { body }: Asked, bucket: Bucket): Answer => {
  const input = JSON.parse(body.toString() || '{}') as Record<string, unknown>
  if (operation === 'CreateDeployment' && input['applicationName'] === LIVE) bucket.live = input['revision']
  const isLive = bucket.live !== undefined && input['applicationName'] === LIVE
  const answers: Record<string, unknown> = {
    GetDeploymentGroup: {
      deploymentGroupInfo: isLive
        ? { ...GROUP, lastSuccessfulDeployment: last, lastAttemptedDeployment: last }
        : GROUP
    },
    ListDeployments: { deployments: isLive && wantsSucceeded(input) ? [LIVE_ID] : [] },
    BatchGetDeployments: {
      deploymentsInfo: [
        {
          ...DEPLOYMENT,
          ...last,
          applicationName: LIVE,
          deploymentStyle: GROUP.deploymentStyle,
          revision: bucket.live
        }
      ]
    },
    CreateDeployment: { deploymentId: DEPLOYMENT.deploymentId },
    GetDeployment: {
      deploymentInfo:
        input['deploymentId'] === LIVE_ID ? { ...DEPLOYMENT, ...last, revision: bucket.live } : DEPLOYMENT
    }
  }
  return answer(200, JSON.stringify(answers[operation] ?? {}), {
    'content-type': 'application/x-amz-json-1.1'
  })
}

const wantsSucceeded = ({ includeOnlyStatuses }: Record<string, unknown>): boolean =>
  !Array.isArray(includeOnlyStatuses) || includeOnlyStatuses.includes('Succeeded')

/** STS, and the load balancer, which this identity may not ask: the deployments say what is live. */
const form = (action: string): Answer =>
  action.startsWith('Describe')
    ? answer(403, '<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>', {
        'content-type': 'text/xml'
      })
    : sts(action)

const sts = (action: string): Answer =>
  xml(
    `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>AIDABENCH</UserId><Account>123456789012</Account></${action}Result></${action}Response>`
  )

const xml = (body: string): Answer =>
  answer(200, `<?xml version="1.0" encoding="UTF-8"?>${body}`, { 'content-type': 'application/xml' })

const answer = (status: number, body = '', headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'x-amz-request-id': 'bench', ...headers },
  body
})
