import { instances } from '../domain/counted.js'
import { explained } from '../domain/refusal.js'
import { UserError } from '../errors.js'
import type { DeployInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { forMarkdown } from '../report/escape.js'
import { deleteCommand, leftoverGroup } from '../report/orphans.js'
import type { Story } from '../report/story.js'
import { deleteOwnFleet } from '../steps/cleanup.js'
import type { EnteredGroup } from './connect.js'

/**
 * Deletes the fleet that this run's deployment left behind, if the inputs say so. It comes after the report, since it deletes the servers
 * on which the cause can be seen. The run has its result already, so whatever speaks against it is only a warning.
 */
export const deleteLeftOver = async (
  story: Story,
  { inputs, identity, services, world }: EnteredGroup & { inputs: DeployInputs; world: World }
): Promise<void> => {
  const leftover = leftoverGroup(story)
  if (story.deletesLeftOver !== true || leftover === undefined) return
  const { runner } = world
  const { region } = inputs.identity
  const { name } = leftover
  const say = async (sentence: string): Promise<void> => {
    runner.info(sentence)
    await runner.summary(`${forMarkdown(sentence)}\n`)
  }
  const keep = (why: string): void => {
    runner.annotate(
      'warning',
      [
        `The Auto Scaling group ${name} was not deleted, and keeps costing money: ${why}`,
        'To delete it by hand, once nothing needs it:',
        `    ${deleteCommand(leftover, region)}`
      ].join('\n')
    )
  }
  try {
    const service = await world.cleanup(region, identity)
    const own = await services.steady.group(inputs.application, inputs.group)
    const { kept, deleted } = await deleteOwnFleet(story.ending.deployment, own, {
      ...{ service, codeDeploy: services.cancelable, health: services.live.health }
    })
    if (kept !== undefined) keep(`${kept}.`)
    else if (deleted === undefined) await say(`The Auto Scaling group ${name} is gone already.`)
    else
      await say(
        `Deleted the Auto Scaling group ${name}, with ${instances(deleted.instances.length)} (\`delete-left-over: true\`).`
      )
  } catch (error) {
    const told = world.canceled.aborted ? 'the job was canceled.' : reasonOf(explained(error))
    keep(told)
  }
}

const reasonOf = (told: unknown): string =>
  told instanceof UserError ? `${told.message}\n${told.hint}` : String(told)
