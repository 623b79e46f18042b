import { describe, expect, test } from '@jest/globals'
import type { DeploymentStatus } from '../../src/domain/deployment.js'
import { cancel, type CancelOptions } from '../../src/steps/cancel.js'
import { START, virtualClock } from '../fakes/clock.js'
import { broken, deployment, ID, refusal } from '../fakes/nouns.js'

/** Stops after `stopsAfterMs`; a stop itself may be refused. */
const world = (
  members: { stopsAfterMs?: number; refuses?: Error; status?: DeploymentStatus; says?: string } = {}
) => {
  const clock = virtualClock()
  const stops: boolean[] = []
  const told: string[] = []
  return {
    clock,
    stops,
    told,
    service: {
      deployment: () =>
        Promise.resolve(
          deployment({
            status:
              clock.now() - START >= (members.stopsAfterMs ?? Infinity)
                ? 'Stopped'
                : (members.status ?? 'InProgress')
          })
        ),
      stop: (_: string, rollback: boolean) => {
        stops.push(rollback)
        return members.refuses === undefined
          ? Promise.resolve({ pending: true, message: members.says ?? '' })
          : Promise.reject(members.refuses)
      }
    },
    options: (policy: CancelOptions['policy']): CancelOptions => ({
      policy,
      clock,
      tell: (sentence) => {
        told.push(sentence)
      }
    })
  }
}

describe('a job that is canceled', () => {
  test.each<[CancelOptions['policy'], boolean[], string]>([
    ['rollback', [true], `The job was canceled. Stopping ${ID} with rollback.`],
    ['stop', [false], `The job was canceled. Stopping ${ID}.`],
    ['leave', [], `The job was canceled. ${ID} was left alone and keeps running (\`on-cancel: leave\`).`]
  ])('%s', async (policy, stops, words) => {
    const run = world({ stopsAfterMs: policy === 'leave' ? Infinity : 2_000 })
    const last = await cancel(deployment(), run.service, run.options(policy))
    expect(last.status).toBe(policy === 'leave' ? 'InProgress' : 'Stopped')
    expect(run.stops).toEqual(stops)
    expect(run.told).toEqual([words])
    expect(run.clock.now() - START).toBe(policy === 'leave' ? 0 : 2_100)
  })

  test('whose role may not stop the deployment says which permission is missing', async () => {
    const denied = Object.assign(refusal('AccessDeniedException', 'no'), { operation: 'StopDeployment' })
    const run = world({ refuses: denied })
    await cancel(deployment(), run.service, run.options('rollback'))
    expect(run.told.at(-1)).toBe(
      `The service refused to stop ${ID}: no (AccessDeniedException). It keeps running. To let a cancel stop it, allow the role codedeploy:StopDeployment, as docs/iam/action-policy.json does.`
    )
  })

  test('logs the answer of the service to the stop', async () => {
    const run = world({ says: 'Stopping, with rollback', status: 'Stopped' })
    await cancel(deployment(), run.service, run.options('rollback'))
    expect(run.told[1]).toBe('Stopping, with rollback')
  })

  test.each(['leave', 'stop'] as const)(
    'reports the last known state when nothing answers (%s)',
    async (policy) => {
      const run = world()
      const known = deployment({ status: 'Ready' })
      const service = { ...run.service, deployment: () => Promise.reject(broken()) }
      expect(await cancel(known, service, run.options(policy))).toBe(known)
    }
  )

  test('stops looking when the runner is about to kill it, and says that the stop is unconfirmed', async () => {
    const run = world({ refuses: refusal('InvalidDeploymentStatusException') })
    const options = { ...run.options('stop'), lastMoment: AbortSignal.abort() }
    await cancel(deployment(), run.service, options)
    expect(run.told[1]).toBe(
      `It is not known whether ${ID} was stopped: no answer before this job ended. If it is still running, stop it with \`aws deploy stop-deployment --deployment-id ${ID}\`.`
    )
    expect(run.clock.slept).toEqual([])
  })

  test('ends within the time that a runner grants, though the stop takes longer', async () => {
    const run = world({ stopsAfterMs: 60_000 })
    expect((await cancel(deployment(), run.service, run.options('rollback'))).status).toBe('InProgress')
    expect(run.clock.now() - START).toBe(4_200)
  })

  test('a refused stop is logged with the message of the service', async () => {
    const run = world({ refuses: refusal('InvalidDeploymentStatusException', 'cannot be stopped now') })
    await cancel(deployment(), run.service, run.options('rollback'))
    expect(run.told[1]).toBe(
      `The service refused to stop ${ID}: cannot be stopped now (InvalidDeploymentStatusException). It keeps running.`
    )
    expect(run.clock.now() - START).toBe(4_200)
  })

  test('a deployment that is already over is not a refusal', async () => {
    const run = world({ refuses: refusal('DeploymentAlreadyCompletedException'), status: 'Succeeded' })
    expect((await cancel(deployment(), run.service, run.options('stop'))).status).toBe('Succeeded')
    expect(run.told).toHaveLength(1)
  })

  test('a lost connection is reported as an unconfirmed stop', async () => {
    const run = world({ refuses: broken(), stopsAfterMs: 1_000 })
    expect((await cancel(deployment(), run.service, run.options('stop'))).status).toBe('Stopped')
    expect(run.told[1]).toBe(
      `It is not known whether ${ID} was stopped: socket hang up (ECONNRESET). If it is still running, stop it with \`aws deploy stop-deployment --deployment-id ${ID}\`.`
    )
  })
})
