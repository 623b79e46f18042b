import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesOf } from '../../cloud/github/repository.js'
import type { Stage } from '../../scenarios/stage.js'
import { placeIn, type Place, type Result, runWorkflow } from './act.js'
import { callerRepository, type Caller } from './caller.js'
import { ownRepository } from './own.js'
import { ROOT } from '../files.js'

const NUMBER = 12
const REPOSITORY = 'example-org/example-app'

/** A pull request of a caller's repository, whose events start the workflows for pull requests. */
export interface CallerPull {
  place: Place
  /** A commit of the branch, which is also the test merge: the caller's repository has no other. */
  push(version: string): void
  head(): string
  on(action: string): Promise<Result>
  comments(): string[]
  /** The newest status of each deployment that GitHub shows. */
  states(): (string | undefined)[]
}

/** Prepares both repositories; `variables` are those of the environment. */
export const openCallerPull = (stage: Stage, act: string, variables: Record<string, string>): CallerPull => {
  const { repository, env } = stage.cloud
  const caller: Caller = callerRepository(
    join(stage.scratch, 'caller'),
    join(ROOT, 'examples/app'),
    REPOSITORY
  )
  ownRepository(join(stage.scratch, 'own'))
  const place = {
    ...placeIn(stage.scratch, act, { cloud: env, variables }),
    ...{ github: { GITHUB_API_URL: env['GITHUB_API_URL'] ?? '' }, token: 'ghs_token' }
  }
  let [runs, head] = [0, '']
  const known = () => repository.pulls.find(({ number }) => number === NUMBER)
  return {
    place,
    head: () => head,
    push: (version) => {
      writeFileSync(join(caller.folder, 'VERSION'), `${version}\n`)
      head = caller.commit(`Serve ${version}`)
      repository.commits.push({
        ...{ sha: head, message: `Serve ${version}`, author: 'lee', date: '2026-11-21T10:00:00Z' },
        parents: [repository.branches.get('main') ?? ''],
        files: filesOf({ 'server.js': version })
      })
      const pull = known()
      if (pull === undefined)
        repository.pulls.push({ number: NUMBER, state: 'open', head, headRepository: REPOSITORY })
      else pull.head = head
    },
    on: async (action) => {
      const pull = known()
      if (pull !== undefined) pull.state = action === 'closed' ? 'closed' : 'open'
      const eventPath = join(stage.scratch, 'event.json')
      const content = { head: { sha: head, repo: { full_name: REPOSITORY } }, base: { ref: 'main' } }
      writeFileSync(
        eventPath,
        JSON.stringify({
          action,
          number: NUMBER,
          pull_request: { number: NUMBER, merged: false, ...content }
        })
      )
      return runWorkflow(place, {
        event: 'pull_request',
        workflow: '.github/workflows/preview.yml',
        number: ++runs,
        eventPath
      })
    },
    comments: () => repository.comments.map(({ body }) => body),
    states: () => repository.deployments.map(({ statuses }) => statuses.at(-1)?.state)
  }
}
