import { type AutoScalingClient, DeleteAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import type { Call } from './client-config.js'

/**
 * Deletes an Auto Scaling group with its instances. It is fine if it is gone or going: the answer to a first attempt may have been lost, and the group then
 * decides. Throws the service's error when it is still there.
 */
export const deleteFleet = async (
  name: string,
  look: (name: string) => Promise<{ isGoing: boolean } | undefined>,
  { client, call }: { client: AutoScalingClient; call: Call }
): Promise<void> => {
  try {
    await call('DeleteAutoScalingGroup', (options) =>
      client.send(
        new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name, ForceDelete: true }),
        options
      )
    )
  } catch (error) {
    const left = await look(name)
    if (left !== undefined && !left.isGoing) throw error
  }
}
