import { counted } from '../counted.js'
import { type CheckFinding, dependent, ok, warning } from './finding.js'

const AREA = 'Agent'
/** AWS supports only the latest minor version (user guide, "Working with the CodeDeploy agent"): 1.8 of the agent in Ruby. */
const SUPPORTED = [1, 8] as const

/** `1.8.1-27` → [1, 8]; undefined for what is no version. */
const minorOf = (version: string): [number, number] | undefined => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? []
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)]
}

const isOld = (version: string): boolean => {
  const [major, minor] = minorOf(version) ?? SUPPORTED
  return major < SUPPORTED[0] || (major === SUPPORTED[0] && minor < SUPPORTED[1])
}

/** The versions of the agent on the instances that were looked at, of `all` that are in service; undefined where the inventory has none. */
export const agentFindings = (versions: readonly (string | undefined)[], all: number): CheckFinding[] => {
  const counts = new Map<string, number>()
  for (const version of versions)
    if (version !== undefined) counts.set(version, (counts.get(version) ?? 0) + 1)
  if (counts.size === 0)
    return [dependent(AREA, 'the inventory of SSM, which has no CodeDeploy agent of these instances')]
  const known = [...counts].map(([version, count]) => `${version} on ${counted(count, 'instance')}`)
  const unknown = versions.filter((version) => version === undefined).length
  const found = [
    ...known,
    ...(unknown === 0 ? [] : [`not in the inventory on ${unknown}`]),
    ...(versions.length < all ? [`the other ${all - versions.length} were not looked at`] : [])
  ].join(', ')
  if (![...counts.keys()].some(isOld)) return [ok(AREA, found)]
  return [
    warning(
      AREA,
      found,
      `AWS supports only the latest minor version, ${SUPPORTED.join('.')} of the agent in Ruby; an older one may treat a bundle in another way than \`preview\` says.`,
      'Update the agent in the image or in the user data of the launch template (user guide, "Update the CodeDeploy agent"); new instances then have it.'
    )
  ]
}
