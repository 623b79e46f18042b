import type { Deployment, EventRecord, TargetRecord } from './model.js'
import { seconds, type Plane } from './plane.js'

/** The ARN of an instance, which the deprecated calls use as its id. */
export const instanceArn = ({ region, accountId }: Plane, id: string): string =>
  `arn:aws:ec2:${region}:${accountId}:instance/${id}`

/** One lifecycle event; events that have not run have neither times nor diagnostics (docs/service.md, reference 2.3). */
export const eventAnswer = (event: EventRecord): object => ({
  lifecycleEventName: event.name,
  ...(event.diagnostics === undefined ? {} : { diagnostics: event.diagnostics }),
  ...(event.startedAt === undefined ? {} : { startTime: seconds(event.startedAt) }),
  ...(event.endedAt === undefined ? {} : { endTime: seconds(event.endedAt) }),
  status: event.status
})

/** DeploymentTarget of an instance; in-place ones have no label (docs/service.md, reference 2.4). */
export const targetAnswer = (plane: Plane, deployment: Deployment, target: TargetRecord): object => ({
  deploymentTargetType: 'InstanceTarget',
  instanceTarget: {
    deploymentId: deployment.id,
    targetId: target.instanceId,
    targetArn: instanceArn(plane, target.instanceId),
    status: target.status,
    lastUpdatedAt: seconds(target.updatedAt),
    lifecycleEvents: target.events.map(eventAnswer),
    ...(target.label === undefined ? {} : { instanceLabel: target.label })
  }
})
