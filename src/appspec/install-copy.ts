import { hasFolder } from './instance.js'
import type { Conflict, InstallPlan } from './install-plan.js'
import { expandPath, joinPath, parentOf } from './paths.js'
import { quoting } from './problems.js'
import type { Problems } from './problems.js'
import type { FileMapping } from './spec.js'
import type { Tree } from './tree.js'

/** One entry of `files` on its way into the plan. */
export interface Step {
  plan: InstallPlan
  tree: Tree
  problems: Problems
  mapping: FileMapping
  /** What was said of this mapping already. */
  told: Set<string>
}

/** Makes the folders above the destination that a fresh instance does not have. */
export const makeParents = (step: Step, destination: string): void => {
  const missing: string[] = []
  for (let at = parentOf(destination); !hasFolder(at) && at !== '.' && at !== '/'; at = parentOf(at))
    missing.unshift(at)
  for (const folder of missing) makeFolder(step, folder)
}

const makeFolder = (step: Step, destination: string): void => {
  tell(step, step.plan.makeFolder(destination))
  if (!hasFolder(expandPath(destination)) || step.told.has('odd')) return
  step.told.add('odd')
  const what = `The agent tries to make the folder “${destination}”, which is there already once “~”, “..” or an empty path is resolved. Write the destination as a full path from /.`
  step.problems.error(quoting(what, `File exists @ dir_s_mkdir - ${destination}`), step.mapping.destination)
}

interface Folder {
  from: string
  to: string
  through: readonly string[]
  /** Symlinks passed on the way; the kernel passes no more than MAX_LINKS. */
  links: number
}

/** Brings a folder with all that is in it; symlinks to folders are followed, as the agent does. */
export const copyFolder = (step: Step, folder: Folder): void => {
  if (!hasFolder(folder.to)) makeFolder(step, folder.to)
  const through = [...folder.through, folder.from]
  const base = joinPath(folder.to, '')
  for (const [name, entry] of step.tree.inside(folder.from)) {
    step.plan.count()
    const from = entry.path
    const to = base + name
    const found = entry.kind === 'symlink' ? step.tree.follow(from) : { kind: entry.kind, path: from }
    const links = folder.links + (entry.kind === 'symlink' ? 1 : 0)
    if (found.kind !== 'directory' || links > MAX_LINKS) copyFile(step, from, to)
    else if (!through.includes(found.path) || mayCircle(step, from))
      copyFolder(step, { from: found.path, to, through, links })
  }
}

// The agent follows such a link until the kernel stops it: one link only makes the folder 40 times, several never end.
const mayCircle = (step: Step, link: string): boolean => {
  const { problems, mapping, plan } = step
  const what = `The symlink ${link} points to a folder that holds it, and the agent follows it in circles.`
  if (plan.copies.size < MAX_CIRCLED) {
    if (!step.told.has('circle'))
      problems.warning(`${what} The server gets the folder 40 times. Leave the link out.`, mapping.source)
    step.told.add('circle')
    return true
  }
  if (!step.told.has('endless'))
    problems.error(`${what} It does not come to an end. Leave the link out.`, mapping.source)
  step.told.add('endless')
  return false
}

const MAX_LINKS = 40
const MAX_CIRCLED = 200_000

/** Brings one file or symlink. */
export const copyFile = (step: Step, source: string, destination: string): void => {
  tell(step, step.plan.copy(source, destination))
  if (destination.includes('\ufffd'))
    step.problems.error(
      quoting(
        `The name ${source} is not UTF-8, and the agent cannot write it into its list of what it installed. Rename it.`,
        'source sequence is illegal/malformed utf-8'
      ),
      step.mapping.source
    )
}

const tell = (step: Step, conflict: Conflict): void => {
  if (conflict === undefined || step.told.has('conflict')) return
  step.told.add('conflict')
  const what = 'Two entries of files bring something to the same place. Remove one of them.'
  step.problems.error(quoting(what, conflict.agent), step.mapping.destination)
}
