import { INSTANCE_GROUP } from './network.js'

/** What a version of a launch template says about its instances. */
export interface TemplateData {
  /** The name of the instance profile; undefined for instances without one. */
  profile?: string | undefined
  securityGroups: readonly string[]
  imageId: string
  instanceType: string
}

export interface LaunchTemplate {
  id: string
  name: string
  createdAt: number
  /** The number of the version that `$Default` stands for; a test may change it. */
  defaultVersion: number
  /** Version 1 first. */
  versions: TemplateData[]
}

/** All launch templates of the account. */
export interface Templates {
  /** Those that a test has deleted, by id: nothing can be launched from them any more. */
  gone: Set<string>
  all(): LaunchTemplate[]
  /** By id or, without one, by name; undefined if there is none, or if it was deleted. */
  find(named: { id?: string | undefined; name?: string | undefined }): LaunchTemplate | undefined
  add(template: Pick<LaunchTemplate, 'id' | 'name'>, data?: Partial<TemplateData>): LaunchTemplate
  /** Adds a version to a template and returns its number; `$Latest` then stands for it. */
  addVersion(id: string, data: Partial<TemplateData>): number
}

/** The template from which the seed's fleets are launched: three equal versions, of which the last is the default. */
export const SEEDED = { id: 'lt-0123456789abcdef0', name: 'example' } as const

const DEFAULTS: TemplateData = {
  profile: 'ExampleInstanceProfile',
  securityGroups: [INSTANCE_GROUP],
  imageId: 'ami-0123456789abcdef0',
  instanceType: 't3.micro'
}

/** The launch templates of the account, with the seed's. */
export const createTemplates = (now: () => number): Templates => {
  const templates = new Map<string, LaunchTemplate>()
  const gone = new Set<string>()
  const add: Templates['add'] = ({ id, name }, data = {}) => {
    const template = { id, name, createdAt: now(), defaultVersion: 1, versions: [{ ...DEFAULTS, ...data }] }
    templates.set(id, template)
    return template
  }
  const seeded = add(SEEDED)
  seeded.versions.push(DEFAULTS, DEFAULTS)
  seeded.defaultVersion = 3
  const all = (): LaunchTemplate[] => [...templates.values()].filter(({ id }) => !gone.has(id))
  return {
    gone,
    all,
    find: ({ id, name }) => all().find((one) => (id === undefined ? one.name === name : one.id === id)),
    add,
    addVersion: (id, data) => {
      const template = templates.get(id)
      if (template === undefined) throw new Error(`no launch template ${id}`)
      return template.versions.push({ ...DEFAULTS, ...template.versions.at(-1), ...data })
    }
  }
}

/** The number that `$Latest`, `$Default` or a number stands for; undefined if the template has no such version. */
export const versionOf = (template: LaunchTemplate, version: string): number | undefined => {
  if (version === '$Latest') return template.versions.length
  if (version === '$Default') return template.defaultVersion
  const number = Number(version)
  return /^\d+$/.test(version) && number >= 1 && number <= template.versions.length ? number : undefined
}

/** What a group launches at present; undefined without a template, or if it was deleted. */
export const dataOf = (
  templates: Templates,
  used: { id: string; version: string } | undefined
): TemplateData | undefined => {
  const template = used === undefined ? undefined : templates.find({ id: used.id })
  if (template === undefined || used === undefined) return undefined
  return template.versions[(versionOf(template, used.version) ?? 0) - 1]
}
