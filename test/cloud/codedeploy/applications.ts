import { applicationOf } from './find.js'
import { batchOf, nameOf, text, type Input } from './input.js'
import type { Application } from './model.js'
import { pageOf } from './paging.js'
import { dropHook } from './engine/hooks.js'
import { seconds, type Operations, type Plane } from './plane.js'
import { refuse } from './refusal.js'
import { readTags } from './tags.js'

const PLATFORMS = ['Server', 'Lambda', 'ECS'] as const

const answer = (application: Application): object => ({
  applicationId: application.id,
  applicationName: application.name,
  createTime: seconds(application.createdAt),
  linkedToGitHub: false,
  computePlatform: application.computePlatform
})

const refuseTaken = ({ engine }: Plane, name: string): void => {
  if (engine.state.applications.has(name)) {
    refuse('ApplicationAlreadyExistsException', `An application named '${name}' already exists`)
  }
}

const create = (plane: Plane, input: Input): object => {
  const name = nameOf(input, 'applicationName', 'Application')
  const platform = text(input, 'computePlatform') ?? 'Server'
  const computePlatform = PLATFORMS.find((one) => one === platform)
  refuseTaken(plane, name)
  const { engine } = plane
  const most = engine.quotas.applications
  if (engine.state.applications.size >= most)
    refuse('ApplicationLimitExceededException', `The account already has ${most} applications.`)
  const application: Application = {
    id: engine.ids.uuid(),
    name,
    computePlatform:
      computePlatform ??
      refuse('InvalidComputePlatformException', `The computePlatform '${platform}' is invalid.`),
    createdAt: engine.clock.now(),
    tags: readTags(input, 'tags'),
    groups: new Map(),
    revisions: new Map()
  }
  engine.state.applications.set(name, application)
  return { applicationId: application.id }
}

const rename = (plane: Plane, input: Input): undefined => {
  const { applications } = plane.engine.state
  const application = applicationOf(plane.engine.state, input)
  const name = nameOf(input, 'newApplicationName', 'Application')
  refuseTaken(plane, name)
  applications.delete(application.name)
  application.name = name
  for (const group of application.groups.values()) group.application = name
  applications.set(name, application)
}

// Deleting an application that does not exist is not an error: DeleteApplication has none for it (API: errors).
const remove = ({ engine }: Plane, input: Input): undefined => {
  const name = nameOf(input, 'applicationName', 'Application')
  for (const group of engine.state.applications.get(name)?.groups.values() ?? []) {
    for (const fleet of [...group.hooks.keys()]) dropHook(engine, group, fleet)
  }
  engine.state.applications.delete(name)
}

/** Applications: create, read, rename, delete. BatchGetApplications takes up to 100 names (docs/service.md, captures 8). */
export const applicationOperations: Operations = {
  CreateApplication: create,
  UpdateApplication: rename,
  DeleteApplication: remove,
  GetApplication: ({ engine }, input) => ({ application: answer(applicationOf(engine.state, input)) }),
  BatchGetApplications: ({ engine }, input) => ({
    applicationsInfo: batchOf(input, 'applicationNames', {
      most: 100,
      required: 'ApplicationNameRequiredException'
    }).map((applicationName) => answer(applicationOf(engine.state, { applicationName })))
  }),
  ListApplications: ({ engine, pageSize }, input) => {
    const names = [...engine.state.applications.keys()]
    const page = pageOf(names, { input, operation: 'ListApplications', pageSize }, (name) => name)
    return {
      applications: page.items,
      ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken })
    }
  }
}
