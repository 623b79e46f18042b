import { ListInventoryEntriesCommand, type SSMClient } from '@aws-sdk/client-ssm'
import type { CheckReads } from '../check-port.js'
import { factsOf } from '../domain/fault.js'
import type { Call } from './client-config.js'
import { everyPage } from './pages.js'

/** The name of the agent's package, of both generations (install instructions in the user guide). */
const PACKAGE = 'codedeploy-agent'
/** API: ListInventoryEntries, MaxResults. */
const PAGE = 50

/** What `check` reads of Systems Manager: which software the inventory has of an instance. The forms of its filters are not documented, so pages are read until the agent is found. */
export const ofInventory = (client: SSMClient, call: Call): Pick<CheckReads, 'agentVersion'> => ({
  agentVersion: async (InstanceId) => {
    try {
      const found = await everyPage(
        async (NextToken) => {
          const { Entries = [], NextToken: nextToken } = await call('ListInventoryEntries', (options) =>
            client.send(
              new ListInventoryEntriesCommand({
                ...{ InstanceId, TypeName: 'AWS:Application', MaxResults: PAGE },
                NextToken
              }),
              options
            )
          )
          return { items: Entries, nextToken }
        },
        (entries) => entries.some(({ Name }) => Name === PACKAGE)
      )
      return found.find(({ Name }) => Name === PACKAGE)?.['Version']
    } catch (error) {
      // An instance that SSM does not manage (API: InvalidInstanceId).
      if (factsOf(error).name.startsWith('InvalidInstanceId')) return undefined
      throw error
    }
  }
})
