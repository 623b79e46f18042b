import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { AppSpec } from './appspec.js'
import { fault } from './appspec-fault.js'
import { isMeant } from './appspec-permissions.js'
import type { Permission } from './appspec-permissions.js'
import { agentHome } from './layout.js'
import { locate } from './root.js'

/** One thing to do at Install, in the form of the agent's `…-install.json`. Paths are those the machine knows. */
export type Instruction =
  | { type: 'copy'; source: string; destination: string }
  | { type: 'mkdir'; directory: string }
  | { type: 'chmod'; mode: string; file: string }
  | { type: 'note'; text: string }

interface Plan {
  base: string
  behavior: string
  list: Instruction[]
  copies: Map<string, string>
  folders: Set<string>
  permitted: Set<string>
}

/**
 * What Install will do: folders, copies, then permissions, in the agent's order (docs/service.md, reference 6.3).
 * Throws M11, M12, M14, M18, M20 and M21 before anything is written.
 *
 * @param base folder of the machine's files
 * @param archive unpacked revision, as the machine knows it
 * @param behavior what to do when a file exists, unless the AppSpec says itself
 */
export const planInstall = (
  spec: AppSpec,
  base: string,
  archive: string,
  behavior: string
): Instruction[] => {
  const plan: Plan = {
    base,
    behavior: (spec.fileExistsBehavior ?? behavior).toUpperCase(),
    list: [],
    copies: new Map(),
    folders: new Set(),
    permitted: new Set()
  }
  for (const { source, destination } of spec.files) {
    const from = path.join(archive, source)
    const to = path.resolve(agentHome, destination)
    const isFolder = isDirectory(plan, from)
    const target = isFolder ? to : path.join(to, path.basename(from))
    makeAncestors(plan, target)
    if (isFolder) copyFolder(plan, from, target)
    else copyFile(plan, from, target)
  }
  for (const permission of spec.permissions) permit(plan, permission)
  return plan.list
}

const isDirectory = ({ base }: Plan, file: string): boolean =>
  statSync(locate(base, file), { throwIfNoEntry: false })?.isDirectory() === true

const exists = ({ base }: Plan, file: string): boolean =>
  statSync(locate(base, file), { throwIfNoEntry: false }) !== undefined

const makeAncestors = (plan: Plan, target: string): void => {
  const missing: string[] = []
  for (
    let folder = path.dirname(target);
    folder !== '/' && !exists(plan, folder);
    folder = path.dirname(folder)
  ) {
    missing.unshift(folder)
  }
  for (const folder of missing) makeFolder(plan, folder)
}

const makeFolder = (plan: Plan, directory: string): void => {
  if (plan.folders.has(directory)) return
  plan.folders.add(directory)
  plan.list.push({ type: 'mkdir', directory })
}

const copyFolder = (plan: Plan, from: string, to: string): void => {
  if (!isDirectory(plan, to)) makeFolder(plan, to)
  for (const name of readdirSync(locate(plan.base, from)).sort()) {
    const [source, destination] = [path.join(from, name), path.join(to, name)]
    if (isDirectory(plan, source)) copyFolder(plan, source, destination)
    else copyFile(plan, source, destination)
  }
}

const copyFile = (plan: Plan, source: string, destination: string): void => {
  if (exists(plan, destination)) {
    if (plan.behavior === 'DISALLOW') throw fault.exists(destination)
    if (plan.behavior === 'RETAIN') return
    if (plan.behavior !== 'OVERWRITE') throw fault.badBehavior(plan.behavior)
  }
  const other = plan.copies.get(destination)
  if (other !== undefined) throw fault.sameDestination(source, other, destination)
  plan.copies.set(destination, source)
  plan.list.push({ type: 'copy', source, destination })
}

/** Only what this deployment copies or makes is ever touched, and never the named folder itself (docs/service.md, reference 6.3). */
const permit = (plan: Plan, permission: Permission): void => {
  const object = path.resolve(agentHome, permission.object)
  const entry = { ...permission, object }
  if (plan.copies.has(object)) {
    if (!permission.type.includes('file')) return
    if (permission.pattern !== '**') throw fault.pattern(permission.object, permission.pattern)
    if (permission.except.length > 0) throw fault.except(JSON.stringify(permission.except), permission.object)
    if (permission.hasDefaultAcl) throw fault.defaultAcl()
    setPermission(plan, object, entry)
    return
  }
  const files = permission.type.includes('file')
    ? [...plan.copies.keys()].filter((file) => isMeant(entry, file))
    : []
  if (files.length > 0 && permission.hasDefaultAcl) throw fault.defaultAcl()
  const wantsFolders = permission.type.includes('directory')
  const folders = wantsFolders ? [...plan.folders].filter((folder) => isMeant(entry, folder)) : []
  for (const match of [...files, ...folders]) setPermission(plan, match, entry)
}

const setPermission = (plan: Plan, file: string, { mode, owner, group, acls }: Permission): void => {
  if (plan.permitted.has(file)) throw fault.twice(file)
  plan.permitted.add(file)
  if (mode !== undefined) plan.list.push({ type: 'chmod', mode, file })
  if (acls.length > 0) plan.list.push({ type: 'note', text: `acls ${acls.join(',')} of ${file} are not set` })
  if (owner !== undefined || group !== undefined) {
    plan.list.push({ type: 'note', text: `owner ${owner ?? ''}:${group ?? ''} of ${file} is not set` })
  }
}
