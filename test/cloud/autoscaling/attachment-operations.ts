import type { QueryOperations } from '../contract.js'
import type { Attachment } from './attachment.js'
import type { Fleets } from './fleets.js'
import { named } from './named-group.js'
import { texts } from './query.js'

/** Target groups of an Auto Scaling group: attach, detach, read. */
export const attachmentOperations = (fleets: Fleets, attachment: Attachment): QueryOperations => ({
  AttachLoadBalancerTargetGroups: (input) => {
    const [group, arns] = [named(fleets, input), texts(input, 'TargetGroupARNs')]
    attachment.check(arns)
    attachment.attach(group, arns)
    return {}
  },
  DetachLoadBalancerTargetGroups: (input) => {
    attachment.detach(named(fleets, input), texts(input, 'TargetGroupARNs'))
    return {}
  },
  DescribeLoadBalancerTargetGroups: (input) => ({
    LoadBalancerTargetGroups: named(fleets, input).targetGroupArns.map((arn) => ({
      LoadBalancerTargetGroupARN: arn,
      State: 'Added'
    }))
  })
})
