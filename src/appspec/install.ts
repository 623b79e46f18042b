import { MOST_COPIES } from '../domain/limits.js'
import { openPlan, PlanError } from './install-plan.js'
import type { InstallPlan } from './install-plan.js'
import { copyFile, copyFolder, makeParents } from './install-copy.js'
import type { Step } from './install-copy.js'
import { joinPath, nameOf, parentOf, PathError, textPath } from './paths.js'
import { quoting } from './problems.js'
import type { Problems } from './problems.js'
import { toText } from './ruby-value.js'
import type { AppSpec } from './spec.js'
import type { Tree } from './tree.js'

/** Plans the copies of `files` as the agent's Install event does, and tells where it would stop. */
export const planInstall = (spec: AppSpec, tree: Tree, problems: Problems): InstallPlan => {
  const plan = openPlan()
  for (const mapping of spec.files) {
    try {
      planMapping({ plan, tree, problems, mapping, told: new Set() })
    } catch (error) {
      if (error instanceof PlanError) {
        problems.error(
          `Install would bring more than ${MOST_COPIES} files and folders up to this entry of files, since each entry brings all of its source, and symlinks to folders are followed. It is not checked any further. Name each source once, and leave such links out.`,
          mapping.source
        )
        return plan
      }
      if (!(error instanceof PathError)) throw error
      const what = `The agent cannot make a path of source ${toText(mapping.source)} and destination ${toText(mapping.destination)}; both must be texts.`
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
