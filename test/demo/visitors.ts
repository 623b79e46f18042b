import { Agent, get } from 'node:http'

/** What one visit returned, and when it began and ended. */
interface Answer {
  askedAt: number
  at: number
  version: string
  failed: boolean
}

/** Visitors who request the page continuously; every request must return 200. */
export interface Visitors {
  /** Requests so far, and those that failed. */
  count(): { requests: number; failed: number; firstFailure?: string }
  /** Waits for some visits that begin from now on, so that the answers are current; gives the versions that answered. */
  next(): Promise<Set<string>>
  /** How often each version has answered since `moment` (epoch milliseconds). */
  since(moment: number): Map<string, number>
  /** Milliseconds from `moment` until the last answer from another version; 0 if there was none. */
  untilOnly(version: string, moment: number): number
  stop(): Promise<void>
}

const AT_ONCE = 8
const PAUSE_MS = 15
/** Nothing that the fleet does takes so long; a machine that is busy with other things may. */
const SILENCE_MS = 60_000
/** Enough that each of the fleet's instances answers some. */
const SOME = 40

const visit = (url: string, agent: Agent): Promise<{ status: number; version: string }> =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent, timeout: SILENCE_MS }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.once('end', () => resolve({ status: response.statusCode ?? 0, version: versionIn(body) }))
      response.once('error', reject)
    })
    request.once('timeout', () => request.destroy(new Error(`no answer within ${SILENCE_MS / 1000} s`)))
    request.once('error', reject)
  })

const versionIn = (body: string): string => {
  try {
    return (JSON.parse(body) as { version?: string }).version ?? body
  } catch {
    return body.trim()
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS))

/** Starts the visitors, eight at a time. */
export const letVisitorsIn = (url: string): Visitors => {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const answers: Answer[] = []
  let firstFailure: string | undefined
  let open = true

  const oneVisit = async (): Promise<void> => {
    const askedAt = Date.now()
    try {
      const { status, version } = await visit(url, agent)
      const failed = status !== 200
      if (failed) firstFailure ??= `HTTP ${status}: ${version.slice(0, 200)}`
      answers.push({ askedAt, at: Date.now(), version, failed })
    } catch (error) {
      firstFailure ??= (error as Error).message
      answers.push({ askedAt, at: Date.now(), version: '', failed: true })
    }
  }
  const visitor = async (): Promise<void> => {
    while (open) {
      await oneVisit()
      await pause()
    }
  }
  const all = Promise.all(Array.from({ length: AT_ONCE }, visitor))

  return {
    count: () => ({
      requests: answers.length,
      failed: answers.filter(({ failed }) => failed).length,
      ...(firstFailure === undefined ? {} : { firstFailure })
    }),
    next: async () => {
      const from = Date.now()
      const fresh = (): Answer[] => answers.filter(({ askedAt }) => askedAt > from)
      while (fresh().length < SOME) await pause()
      return new Set(fresh().map(({ version }) => version))
    },
    since: (moment) => {
      const versions = new Map<string, number>()
      for (const { at, version } of answers)
        if (at >= moment) versions.set(version, (versions.get(version) ?? 0) + 1)
      return versions
    },
    untilOnly: (wanted, moment) => {
      const last = answers.filter(({ at, version }) => at >= moment && version !== wanted).at(-1)
      return last === undefined ? 0 : last.at - moment
    },
    stop: async () => {
      open = false
      await all
      agent.destroy()
    }
  }
}
