import { counted } from '../domain/counted.js'
import { MOST_COPIES } from '../domain/limits.js'
import { type Conflict, type InstallPlan, openPlan, PlanError } from './install-plan.js'
import { hasFolder } from './instance.js'
import { expandPath, joinPath, nameOf, parentOf, PathError, textPath } from './paths.js'
import { type Problems, quoting } from './problems.js'
import { toText } from './ruby-value.js'
import type { AppSpec, FileMapping } from './spec.js'
import type { Tree } from './tree.js'

/** Plans the copies of `files` as the agent's Install event does, and reports where it would fail. */
export const planInstall = (spec: AppSpec, tree: Tree, problems: Problems): InstallPlan => {
  const plan = openPlan()
  warnOfPlaceholders(spec.files, problems)
  for (const mapping of spec.files) {
    try {
      planMapping({ plan, tree, problems, mapping, told: new Set() })
    } catch (error) {
      if (error instanceof PlanError) {
        problems.error(
          `By this files entry, Install would copy more than ${MOST_COPIES} files and folders: each entry copies its whole source, and symlinks to folders are followed. The rest is not checked. Name each source once, and leave such links out.`,
          mapping.source
        )
        return plan
      }
      if (!(error instanceof PathError)) throw error
      const what = `The agent cannot build a path from source ${toText(mapping.source)} and destination ${toText(mapping.destination)}; both must be strings.`
      problems.error(quoting(what, error.message), mapping.destination)
    }
  }
  return plan
}

const planMapping = (step: Step): void => {
  step.plan.count()
  const source = joinPath('', step.mapping.source).slice(1)
  const found = step.tree.follow(source)
  if (found.kind === 'directory') {
    const destination = textPath(step.mapping.destination)
    warnOfDestination(step, destination)
    makeParents(step, destination)
    copyFolder(step, { from: found.path, to: destination, through: [], links: 0 })
    return
  }
  const name = nameOf(joinPath('/', source))
  const destination = joinPath(step.mapping.destination, name)
  warnOfDestination(step, parentOf(destination))
  warnOfFileName(step, name, destination)
  makeParents(step, destination)
  checkSource(step, source)
  copyFile(step, source, destination)
}

const checkSource = (step: Step, source: string): void => {
  const found = step.tree.follow(source)
  const { problems, mapping } = step
  const agent = `No such file or directory @ rb_sysopen - ${source}`
  if (found.kind === 'file' || step.tree.at(clean(source))?.kind === 'symlink') return
  if (found.kind === 'outside' && !source.split('/').includes('..'))
    problems.warning(
      `The source ${source} leads out of the bundle through a symlink, so what is installed depends on the instance.`,
      mapping.source
    )
  else if (/[*?[]/.test(source))
    problems.error(
      quoting(
        `The source ${source} is not in the bundle; the agent does not support wildcards. Name the folder instead.`,
        agent
      ),
      mapping.source
    )
  else
    problems.error(
      quoting(`The source ${source} is not in the bundle. Correct the path or add the file.`, agent),
      mapping.source
    )
}

const clean = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')

/** `$NAME`, `${NAME}`, `{{ name }}`: what shells and templates expand, and the agent does not. */
const PLACEHOLDER = /\$[A-Za-z_]\w*|\$\{[^{}]*\}|\{\{[^{}]*\}\}/

const warnOfPlaceholders = (files: readonly FileMapping[], problems: Problems): void => {
  const found = files.filter(({ destination }) => PLACEHOLDER.test(toText(destination)))
  const [first] = found
  if (first === undefined) return
  const destination = toText(first.destination)
  const others =
    found.length === 1 ? '' : ` The same is true of ${counted(found.length - 1, 'other destination')}.`
  problems.warning(
    `The agent does not expand ${PLACEHOLDER.exec(destination)?.[0] ?? ''} in the destination ${destination}: it creates a folder with exactly this name, and the files are not where the service looks for them. Write the path out, or replace the placeholder before this step.${others}`,
    first.destination
  )
}

const warnOfDestination = (step: Step, destination: string): void => {
  if (
    PLACEHOLDER.test(destination) ||
    destination.startsWith('/') ||
    destination.startsWith('~') ||
    destination === ''
  )
    return
  step.problems.warning(
    `The destination ${destination} is relative to wherever the agent was started. Write an absolute path.`,
    step.mapping.destination
  )
}

const warnOfFileName = (step: Step, name: string, destination: string): void => {
  if (nameOf(parentOf(destination)) !== name) return
  step.problems.warning(
    `A destination is always a folder: the file ends up as ${destination}. Leave the file's name out.`,
    step.mapping.destination
  )
}

/** One `files` entry being added to the plan. */
export interface Step {
  plan: InstallPlan
  tree: Tree
  problems: Problems
  mapping: FileMapping
  /** Kinds of findings already reported for this mapping. */
  told: Set<string>
}

/** Creates the folders above the destination that a fresh instance does not have. */
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
  const what = `The agent tries to create the folder “${destination}”, which already exists once “~”, “..” or an empty path is resolved. Write the destination as an absolute path.`
  step.problems.error(quoting(what, `File exists @ dir_s_mkdir - ${destination}`), step.mapping.destination)
}

interface Folder {
  from: string
  to: string
  through: readonly string[]
  /** Symlinks followed so far; the kernel follows no more than MAX_LINKS. */
  links: number
}

/** Copies a folder with everything in it; follows symlinks to folders, as the agent does. */
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

// The agent follows such a link until the kernel stops it: one link copies the folder 40 times; with several it never ends.
const mayCircle = (step: Step, link: string): boolean => {
  const { problems, mapping, plan } = step
  const what = `The symlink ${link} points to a folder that contains it, and the agent follows this loop.`
  if (plan.copies.size < MAX_CIRCLED) {
    if (!step.told.has('circle'))
      problems.warning(`${what} The server gets the folder 40 times. Remove the link.`, mapping.source)
    step.told.add('circle')
    return true
  }
  if (!step.told.has('endless'))
    problems.error(`${what} Copying it never ends. Remove the link.`, mapping.source)
  step.told.add('endless')
  return false
}

const MAX_LINKS = 40
const MAX_CIRCLED = 200_000

/** Copies one file or symlink. */
export const copyFile = (step: Step, source: string, destination: string): void => {
  tell(step, step.plan.copy(source, destination))
  if (destination.includes('\ufffd'))
    step.problems.error(
      quoting(
        `The name ${source} is not UTF-8, so the agent cannot write it to its list of installed files. Rename it.`,
        'source sequence is illegal/malformed utf-8'
      ),
      step.mapping.source
    )
}

const tell = (step: Step, conflict: Conflict): void => {
  if (conflict === undefined || step.told.has('conflict')) return
  step.told.add('conflict')
  const what = 'Two files entries install to the same path. Remove one of them.'
  step.problems.error(quoting(what, conflict.agent), step.mapping.destination)
}
