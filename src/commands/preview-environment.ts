import type { DeploymentGroup } from '../domain/group.js'
import type { Identity } from '../domain/identity.js'
import { readableMessage } from '../domain/launch.js'
import { isAgentSilent, mayComeUp } from '../domain/preview/agent.js'
import { addressOf } from '../domain/preview/place.js'
import { UserError } from '../errors.js'
import type { EnvironmentInputs, PreviewsInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import type { PreviewServices } from '../preview-port.js'
import { addressLine } from '../report/preview-environment.js'
import type { Story } from '../report/story.js'
import { awaitAnswer } from '../steps/preview-address.js'
import { makeEnvironment, type EnvironmentActs } from '../steps/preview-environment.js'
import { readPreviewPlace } from '../steps/preview-place.js'
import { environmentOf, type Surroundings, takeDown } from '../steps/preview-takedown.js'

/** Who a run is on AWS, and where. */
export interface Entered {
  identity: Identity
  region: string
  world: World
}

/** An environment that is ready for a deployment. */
export interface ReadyEnvironment {
  /** The address of the preview; a note says what people still lack to open it. Throws when its instances are not healthy. */
  opened: () => Promise<{ url: string; note: string | undefined }>
  /** Whether a deployment that ended so is made again, because the agents of new instances have not come up yet. */
  again: (ending: Story['ending']) => Promise<boolean>
}

export const surroundingsOf = (
  { owner, application, listener }: PreviewsInputs,
  region: string
): Surroundings => ({ owner, application, listener, region })

/** Makes the environment of a pull request, or what is missing of it. Production's group is only read. */
export const prepareEnvironment = async (
  environment: EnvironmentInputs,
  production: DeploymentGroup,
  { identity, region, world }: Entered
): Promise<ReadyEnvironment> => {
  const { runner } = world
  const services = await world.previews(region, identity, world.canceled)
  const place = await readPreviewPlace(environment, production, { services, tell: runner.info })
  const acts = actsOf(services, { identity, region, world })
  const wanted = environmentOf(environment.number, surroundingsOf(environment, region))
  await makeEnvironment(wanted, environment, { place, acts })
  const address = addressOf(environment.host, place.listener)
  return {
    again: (ending) => isTooEarly(ending, wanted.name, acts),
    opened: async () => {
      const balancer = place.listener.balancer.dnsName
      const state = await awaitAnswer({ address, balancer }, { ...acts, ...services.addresses })
      const line = addressLine(state, { address, balancer })
      if (state.kind === 'unhealthy')
        throw new UserError(
          line,
          `The deployment succeeded, but the load balancer finds no healthy instance in the target group ${wanted.name}: check that the application listens on port ${place.like.port} and answers ${place.like.check.path ?? '/'}, the health check of ${place.like.name}.`
        )
      if (state.kind === 'answers' && !state.unknownHost) runner.info(line)
      else runner.annotate('warning', line)
      return { url: address, note: state.kind === 'answers' && !state.unknownHost ? undefined : line }
    }
  }
}

/** The service gives up on a silent agent after five minutes, and a new instance may take longer to install one. */
const isTooEarly = async (
  ending: Story['ending'],
  name: string,
  { services, clock, tell }: EnvironmentActs
): Promise<boolean> => {
  if (ending.name !== 'failed' || !isAgentSilent(ending.targets)) return false
  const fleet = await services.fleets.fleet(name)
  if (fleet === undefined || !mayComeUp(fleet.createdAt.getTime(), clock.now())) return false
  tell(
    `No agent has answered on the new instances of ${name} (${ending.deployment.id}): they may still be installing it. Deploying again.`
  )
  return true
}

/**
 * Takes the environment of a pull request down. Returns whether there was one. `stops`: whether the run's role is meant to stop deployments; that of pull requests
 * is not.
 */
export const endEnvironment = async (
  number: number,
  previews: PreviewsInputs,
  { identity, region, world, stops = false }: Entered & { stops?: boolean }
): Promise<boolean> => {
  const services = await world.previews(region, identity, world.canceled)
  const acts = actsOf(services, { identity, region, world })
  return takeDown(environmentOf(number, surroundingsOf(previews, region)), { ...acts, stops })
}

/** With the newest failed launch, if it may be read; nothing depends on it. */
const actsOf = (services: PreviewServices, { identity, region, world }: Entered): EnvironmentActs => ({
  ...{ services, clock: world.clock, signal: world.canceled, tell: world.runner.info },
  whyNot: async (fleet) => {
    try {
      const facts = await world.fleetFacts(region, identity, world.canceled)
      const failed = (await facts.launches(fleet)).find(({ status }) => status === 'Failed')
      return failed === undefined ? '' : ` Auto Scaling says: ${readableMessage(failed.message)}.`
    } catch {
      world.canceled.throwIfAborted()
      return ''
    }
  }
})
