import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { SteppedClock } from './clock.js'
import type { CloudClock, Switches } from './contract.js'
import type { Seeded } from './codedeploy/seed.js'
import type { Faults } from './faults.js'
import type { Repository } from './github/repository.js'
import type { Role } from './identity/sts.js'
import type { Run } from './identity/token.js'
import { createParts, createServices, PLACE, type Parts } from './parts.js'
import type { CloudOptions } from './options.js'
import { PREVIEWS } from './preview-place.js'
import { openPlanes, type OpenedPlanes, type PlaneOptions } from './planes.js'
import { objectStore } from './s3/object-store.js'
import type { Store } from './s3/store.js'
import type { RequestRecord } from './wire/call.js'
import { dispatch, type Services } from './wire/dispatch.js'
import { startWire, type Wire } from './wire/server.js'

/** What `startCloud` takes in addition to the options of the command line. */
export interface StartOptions
  extends Partial<CloudOptions>, Pick<PlaneOptions, 'script' | 'balancing' | 'seed'> {
  /** A test's own clock, usually a `steppedClock`; by default real time, scaled. */
  clock?: CloudClock & Partial<Pick<SteppedClock, 'hold' | 'advance'>>
  run?: Partial<Run>
  /** Whether the clients of the cloud live by its clock too (a `fastClock`), and not by that of this machine. */
  sharesClock?: boolean
  /** How long every answer takes, in milliseconds of the wall clock. */
  latencyMs?: number
  /** Where errors of the cloud itself are reported (default: standard error). */
  warn?: (text: string) => void
}

/** A running cloud. */
export interface Cloud {
  /** The environment that a client needs; the lines of `--env-file`. */
  env: Record<string, string>
  url: string
  /** Every call so far, in order of arrival. */
  requests: RequestRecord[]
  faults: Faults
  clock: CloudClock
  /** The action's role: a test may change its trust policy and its permissions while the cloud runs. */
  role: Role
  /** The service role of the deployment group, the role of the instances, and the two of previews. */
  others: Role[]
  /** The run for which tokens are issued; a test may change it. */
  run: Run
  /** The switches for what nobody has seen on AWS; a test may change them. */
  switches: Switches
  /** What GitHub knows, and what its token may do; a test fills it, changes it while the cloud runs, and reads what a run wrote. */
  repository: Repository
  store: Store
  /** CodeDeploy, Auto Scaling and ELBv2, with a record of what they did. */
  planes: OpenedPlanes['planes']
  /** Ends everything that was started and removes everything that was written. */
  stop(): Promise<void>
}

/** Where previews are made, if the cloud has such a place. */
const previewEnvironment = ({ previews }: Seeded): Record<string, string> =>
  previews === undefined
    ? {}
    : {
        PREVIEW_LISTENER_ARN: previews.listenerArn,
        PREVIEW_LAUNCH_TEMPLATE: PREVIEWS.launchTemplate,
        PREVIEW_SERVICE_ROLE_ARN: `arn:aws:iam::${PLACE.accountId}:role/${PREVIEWS.serviceRole}`,
        PREVIEW_URL: previews.url
      }

const environment = (url: string, parts: Parts, seeded: Seeded): Record<string, string> => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: PLACE.region,
  // Version 1 of the AWS CLI only reads this one.
  AWS_DEFAULT_REGION: PLACE.region,
  AWS_ACCESS_KEY_ID: parts.administrator.accessKeyId,
  AWS_SECRET_ACCESS_KEY: parts.administrator.secretAccessKey,
  ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/_github/oidc/token?api-version=2.0`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: parts.requestToken,
  GITHUB_API_URL: `${url}/_github/api`,
  ROLE_ARN: parts.role.arn,
  APPLICATION_NAME: PLACE.application,
  DEPLOYMENT_GROUP_NAME: PLACE.deploymentGroup,
  S3_BUCKET: PLACE.bucket,
  SERVICE_URL: seeded.serviceUrl,
  ...previewEnvironment(seeded)
})

const openWire = (
  services: Services,
  { parts, given, requests }: { parts: Parts; given: StartOptions; requests: RequestRecord[] }
): Promise<Wire> => {
  const { hold, advance } = given.clock ?? {}
  return startWire({
    requests,
    clock: parts.clock,
    faults: parts.faults,
    wall: given.sharesClock === true ? () => parts.clock.now() : undefined,
    serve: async (call, now) => {
      if (given.latencyMs !== undefined) await setTimeout(given.latencyMs)
      return dispatch(call, services, now)
    },
    warn: given.warn ?? ((text) => void process.stderr.write(`cloud: ${text}\n`)),
    ...(hold === undefined ? {} : { hold }),
    ...(advance === undefined ? {} : { pass: advance })
  })
}

/**
 * Starts a cloud on a free loopback port, with its first fleet in service. Everything it writes is in one scratch folder, which
 * `stop` removes.
 */
export const startCloud = async (given: StartOptions = {}): Promise<Cloud> => {
  const scratch = await mkdtemp(join(tmpdir(), 'local-cloud-'))
  const remove = (): Promise<void> => rm(scratch, { recursive: true, force: true, maxRetries: 5 })
  try {
    const parts = await createParts(given, scratch)
    const objects = objectStore(parts.store)
    const opened = await openPlanes({ ...given, ...parts, objects, scratch, place: PLACE })
    const requests: RequestRecord[] = []
    const wire = await openWire(
      createServices(parts, opened, () => requests),
      { parts, given, requests }
    )
    const { clock, role, others, run, store, faults, repository } = parts
    return {
      switches: parts.options.switches,
      ...{ clock, role, others, run, store, faults, repository },
      ...{ url: wire.url, requests, planes: opened.planes },
      env: environment(wire.url, parts, opened.seeded),
      stop: async () => {
        await wire.close()
        await opened.stop()
        await remove()
      }
    }
  } catch (error) {
    await remove()
    throw error
  }
}
