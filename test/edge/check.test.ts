import { describe, expect, test } from '@jest/globals'
import type { Call } from '../../src/edge/client-config.js'
import { ofInventory } from '../../src/edge/check-agents.js'
import { ofBalancing } from '../../src/edge/check-balancing.js'

const call: Call = (_, send) => send({ abortSignal: undefined } as never)

/** A client that answers each command by its name and input, and remembers what was asked. */
const answering = (answers: Record<string, (input: Record<string, unknown>) => object>) => {
  const asked: string[] = []
  const send = (command: {
    constructor: { name: string }
    input: Record<string, unknown>
  }): Promise<object> => {
    const name = command.constructor.name.replace(/Command$/, '')
    asked.push(name)
    return Promise.resolve(answers[name]?.(command.input) ?? {})
  }
  return { client: { send } as never, asked }
}

describe('the listeners of a load balancer', () => {
  const listener = (name: string): string =>
    `arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/${name}/web/1/2`

  test('are read to the last page, with all that they forward to', async () => {
    const { client } = answering({
      DescribeListeners: ({ Marker }) =>
        Marker === undefined
          ? {
              Listeners: [{ ListenerArn: 'one', Port: 80, DefaultActions: [{ TargetGroupArn: 'a' }] }],
              NextMarker: 'more'
            }
          : {
              Listeners: [
                {
                  ...{ ListenerArn: 'two', Port: 443 },
                  DefaultActions: [
                    { Type: 'authenticate-oidc' },
                    {
                      TargetGroupArn: 'a',
                      ForwardConfig: {
                        TargetGroups: [{ TargetGroupArn: 'a', Weight: 0 }, { TargetGroupArn: 'b' }]
                      }
                    }
                  ]
                }
              ]
            }
    })
    expect(await ofBalancing(client, call).listeners('lb')).toEqual([
      { arn: 'one', port: 80, forwards: [{ arn: 'a', weight: 1 }] },
      {
        ...{ arn: 'two', port: 443 },
        forwards: [
          { arn: 'a', weight: 0 },
          { arn: 'b', weight: 1 }
        ]
      }
    ])
  })

  test('have rules beside the default one, which the listener shows itself', async () => {
    const { client } = answering({
      DescribeRules: ({ Marker }) =>
        Marker === undefined
          ? {
              Rules: [{ RuleArn: 'r', Priority: 'default', IsDefault: true, Actions: [] }],
              NextMarker: 'more'
            }
          : { Rules: [{ RuleArn: 's', Priority: '5', Actions: [{ TargetGroupArn: 'a' }] }] }
    })
    expect(await ofBalancing(client, call).rules(listener('app'))).toEqual([
      { arn: 's', priority: '5', forwards: [{ arn: 'a', weight: 1 }] }
    ])
  })

  test('of a network load balancer have none, and are not asked', async () => {
    const { client, asked } = answering({})
    expect(await ofBalancing(client, call).rules(listener('net'))).toEqual([])
    expect(asked).toEqual([])
  })
})

describe('the version of the agent', () => {
  const agent = { Name: 'codedeploy-agent', Version: '1.8.1' }

  test('is on the page that has it; later ones are not read', async () => {
    const { client, asked } = answering({
      ListInventoryEntries: ({ NextToken }) => ({
        Entries: NextToken === undefined ? [{ Name: 'bash' }] : [agent],
        NextToken: 'more'
      })
    })
    expect(await ofInventory(client, call).agentVersion('i-1')).toBe('1.8.1')
    expect(asked).toHaveLength(2)
  })

  test('is unknown for an instance that SSM does not manage, and where nothing is collected', async () => {
    const unmanaged = answering({
      ListInventoryEntries: () => {
        throw Object.assign(new Error('no'), { name: 'InvalidInstanceId' })
      }
    })
    expect(await ofInventory(unmanaged.client, call).agentVersion('i-1')).toBeUndefined()
    const empty = answering({ ListInventoryEntries: () => ({ Entries: [], NextToken: '' }) })
    expect(await ofInventory(empty.client, call).agentVersion('i-1')).toBeUndefined()
  })

  test('that may not be read is an error', async () => {
    const denied = answering({
      ListInventoryEntries: () => {
        throw Object.assign(new Error('no'), { name: 'AccessDeniedException' })
      }
    })
    await expect(ofInventory(denied.client, call).agentVersion('i-1')).rejects.toThrow('no')
  })
})
