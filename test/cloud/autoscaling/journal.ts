/** One call that CodeDeploy made to another service for its user, as CloudTrail would show it. */
export interface JournalEntry {
  time: number
  service: 'autoscaling' | 'elasticloadbalancing'
  operation: string
  parameters: Record<string, unknown>
}

/** A trail of what the deployment engine did to fleets and target groups. */
export interface Journal {
  note(service: JournalEntry['service'], operation: string, parameters: Record<string, unknown>): void
  entries(): readonly JournalEntry[]
}

/** A trail in memory, in the order of the calls. */
export const createJournal = (now: () => number): Journal => {
  const entries: JournalEntry[] = []
  return {
    note: (service, operation, parameters) => {
      entries.push({ time: now(), service, operation, parameters })
    },
    entries: () => entries
  }
}
