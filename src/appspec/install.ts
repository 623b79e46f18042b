import { hasFolder } from './instance.js'
import { openPlan } from './install-plan.js'
import type { Conflict, InstallPlan } from './install-plan.js'
import { expandPath, joinPath, nameOf, parentOf, PathError, textPath } from './paths.js'
import { quoting } from './problems.js'
import type { Problems } from './problems.js'
import { toText } from './ruby-value.js'
import type { AppSpec, FileMapping } from './spec.js'
import type { Tree } from './tree.js'

/** Plans the copies of `files` as the agent's Install event does, and tells where it would stop. */
export const planInstall = (spec: AppSpec, tree: Tree, problems: Problems): InstallPlan => {
  const plan = openPlan()
  for (const mapping of spec.files) {
    try {
      planMapping({ plan, tree, problems, mapping, told: new Set() })
    } catch (error) {
      if (!(error instanceof PathError)) throw error
      const what = `The agent cannot make a path of source ${toText(mapping.source)} and destination ${toText(mapping.destination)}; both must be texts.`
      problems.error(quoting(what, error.message), mapping.destination)
    }
  }
  return plan
}

interface Step {
  plan: InstallPlan
  tree: Tree
  problems: Problems
  mapping: FileMapping
  /** What was said of this mapping already. */
  told: Set<string>
}

const planMapping = (step: Step): void => {
  const source = joinPath('', step.mapping.source).slice(1)
  const found = step.tree.follow(source)
  if (found.kind === 'directory') {
    const destination = textPath(step.mapping.destination)
    warnOfDestination(step, destination)
    makeParents(step, destination)
    copyFolder(step, { from: found.path, to: destination, through: [] })
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
      `The source ${source} leads out of the bundle by a symlink, so it depends on what is on the instance.`,
      mapping.source
    )
  else if (/[*?[]/.test(source))
    problems.error(
      quoting(
        `The source ${source} is not in the bundle; the agent knows no wildcards. Name the folder instead.`,
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

const makeParents = (step: Step, destination: string): void => {
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

const copyFolder = (step: Step, folder: { from: string; to: string; through: readonly string[] }): void => {
  if (!hasFolder(folder.to)) makeFolder(step, folder.to)
  const through = [...folder.through, folder.from]
  for (const name of step.tree.names(folder.from)) {
    const from = folder.from === '' ? name : `${folder.from}/${name}`
    const to = joinPath(folder.to, name)
    const found = step.tree.at(from)?.kind === 'file' ? undefined : step.tree.follow(from)
    if (found?.kind !== 'directory') copyFile(step, from, to)
    else if (through.includes(found.path)) tellLoop(step, from)
    else copyFolder(step, { from: found.path, to, through })
  }
}

const tellLoop = (step: Step, link: string): void =>
  step.problems.error(
    quoting(
      `The symlink ${link} points to a folder that holds it; the agent follows it in circles. Leave it out of the bundle.`,
      `Too many levels of symbolic links @ rb_sysopen - ${link}`
    ),
    step.mapping.source
  )

const copyFile = (step: Step, source: string, destination: string): void => {
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

const warnOfDestination = (step: Step, destination: string): void => {
  if (destination.startsWith('/') || destination.startsWith('~') || destination === '') return
  step.problems.warning(
    `The destination ${destination} is relative to wherever the agent was started. Write it from /.`,
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
