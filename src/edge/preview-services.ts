import { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { CodeDeployClient } from '@aws-sdk/client-codedeploy'
import { EC2Client } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Identity } from '../domain/identity.js'
import type { PreviewServices } from '../preview-port.js'
import { connectAddresses } from './address.js'
import { type Connecting, open, patience } from './aws.js'
import { aborting, type Call } from './client-config.js'
import { codeDeploy } from './codedeploy.js'
import { previewBalancing } from './preview-balancing.js'
import { previewFleets } from './preview-fleets.js'
import { previewGroups } from './preview-groups.js'
import { retrying } from './retry.js'

/** Two minutes of failures are enough to give up: the next run continues where this one ended. */
const PATIENCE_MS = 2 * 60_000

/** The calls that make and take down previews. */
export const connectPreviews = (
  region: string,
  identity: Identity,
  connecting: Connecting
): PreviewServices => {
  const policy = patience(connecting, PATIENCE_MS, identity)
  const call: Call = (name, send) => retrying(name, (signal) => send(aborting(signal)), policy)
  const client = open(CodeDeployClient, region, identity, connecting)
  return {
    balancing: previewBalancing(open(ElasticLoadBalancingV2Client, region, identity, connecting), call),
    fleets: previewFleets(
      open(AutoScalingClient, region, identity, connecting),
      open(EC2Client, region, identity, connecting),
      call
    ),
    groups: previewGroups(client, codeDeploy(client, policy), call),
    addresses: connectAddresses()
  }
}
