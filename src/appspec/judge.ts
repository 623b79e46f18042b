import { posix } from 'node:path'
import type { BundleEntry, BundleView, Finding } from '../domain/bundle.js'
import type { ManifestHook } from '../domain/manifest.js'
import { MOST_APPSPEC_BYTES } from '../domain/limits.js'
import { applyPermissions } from './apply.js'
import { foresee } from './foresee.js'
import { planInstall } from './install.js'
import { findPointers } from './pointers.js'
import { collect, type Problems, quoting, sortFindings } from './problems.js'
import { checkScripts } from './scripts.js'
import type { AppSpec, HookScript } from './spec.js'
import { plant, type Tree } from './tree.js'

const APPSPEC = 'appspec.yml'

/**
 * Judges a bundle as the CodeDeploy agent on a Linux server would: an error where the deployment would fail, a warning
 * where it would continue with a surprise. Returns all findings, sorted by file and position. The verdict is that of the
 * Ruby agent (1.8.1); what only the 2.x agent rejects is a warning.
 */
export const judge = async (view: BundleView): Promise<Finding[]> => (await inspect(view)).findings

/** What is known of a bundle once it is judged. */
export interface Inspection {
  findings: Finding[]
  /** The scripts of its hooks, as far as its AppSpec can be read; their paths are those in the bundle. */
  hooks: ManifestHook[]
}

/** The same, with the hooks. */
export const inspect = async (view: BundleView): Promise<Inspection> => {
  const root = findRoot(view.entries)
  const inner = placeAt(view, root)
  const tree = plant(inner.entries)
  const problems = collect(`${root}${APPSPEC}`)
  if (root !== '')
    problems.warning(
      `The whole bundle is in the folder ${root.slice(0, -1)}, which the agent strips because it contains the AppSpec file. Make that folder the root of the bundle.`
    )
  const spec = await readSpec(inner, tree, problems)
  if (spec !== undefined) {
    const plan = planInstall(spec, tree, problems)
    applyPermissions(spec.permissions, plan, problems)
    const scripts = await checkScripts(spec.scripts, { view: inner, tree }, problems)
    foresee(scripts, problems, (path) => problems.of(`${root}${path}`))
  }
  await findPointers(inner, (path) => problems.of(`${root}${path}`))
  return {
    findings: sortFindings(problems.findings()),
    hooks: (spec?.scripts ?? []).map((script) => hookOf(script, root))
  }
}

const hookOf = ({ event, location, timeout, runas }: HookScript, root: string): ManifestHook => ({
  event,
  // The agent joins it to the bundle's folder, so a slash at its start means nothing.
  script: posix.join(root, location.replace(/^\/+/, '')),
  timeout: timeout === undefined ? undefined : Number(timeout),
  runas
})

const readSpec = async (view: BundleView, tree: Tree, problems: Problems): Promise<AppSpec | undefined> => {
  const found = tree.follow(APPSPEC)
  if (found.kind === 'file') {
    if (tree.at('appspec.yaml') !== undefined)
      problems.warning('There is also an appspec.yaml, which the agent ignores. Remove one of the two.')
    const size = tree.at(found.path)?.size ?? 0
    if (size > MOST_APPSPEC_BYTES) {
      problems.error(
        `The AppSpec file has ${size} bytes; an AppSpec of more than ${MOST_APPSPEC_BYTES} (1 MiB) is not read here. Check that it is the right file; move long lists into scripts.`
      )
      return undefined
    }
    const { readAppSpec } = await import(/* webpackMode: "eager" */ './read.js')
    return readAppSpec(await view.read(found.path, MOST_APPSPEC_BYTES), problems)
  }
  if (found.kind === 'directory')
    problems.error(quoting('appspec.yml is a folder, not a file.', 'Is a directory @ io_fread - appspec.yml'))
  else problems.error(quoting(explainMissing(tree), NOT_FOUND))
  return undefined
}

const NOT_FOUND =
  'The CodeDeploy agent did not find an AppSpec file within the unpacked revision directory at revision-relative path "appspec.yml".'

const explainMissing = (tree: Tree): string => {
  const names = [...tree.inside('').keys()]
  if (names.includes('appspec.yaml'))
    return 'The AppSpec file is named appspec.yaml, but the Ruby agent looks for appspec.yml when it runs hooks. Rename it to appspec.yml.'
  const similar = names.find((name) => /^appspec\.ya?ml(?:\.\w+)?$/i.test(name))
  if (similar !== undefined)
    return `The AppSpec file must be named appspec.yml, but it is ${similar}. Rename it.`
  const nested = names.find((name) => tree.follow(`${name}/${APPSPEC}`).kind === 'file')
  if (nested !== undefined)
    return `There is no appspec.yml at the root of the bundle, only ${nested}/appspec.yml. Bundle the folder ${nested} itself.`
  return 'There is no appspec.yml at the root of the bundle. Add one, or bundle the folder that contains it.'
}

/**
 * The folder that becomes the root on the instance, with its slash; '' for the bundle's own root. When the bundle contains
 * only one folder, and a name in it contains “appspec”, the agent strips the folder (docs/service.md, reference 6.1).
 */
export const findRoot = (entries: readonly BundleEntry[]): string => {
  const tops = new Set(entries.map(({ path }) => path.split('/', 1)[0] ?? ''))
  const [top] = tops
  if (tops.size !== 1 || top === undefined) return ''
  if (entries.some(({ path, kind }) => path === top && kind !== 'directory')) return ''
  const names = entries.map(({ path }) => path.split('/', 2)[1] ?? '')
  return names.some((name) => /appspec/i.test(name)) ? `${top}/` : ''
}

/** The same bundle with that folder as its root. */
export const placeAt = (view: BundleView, root: string): BundleView => {
  if (root === '') return view
  const inside = view.entries.filter(({ path }) => path.startsWith(root))
  return {
    entries: inside.map((entry) => ({ ...entry, path: entry.path.slice(root.length) })),
    read: (path, limit) => view.read(root + path, limit),
    prepare: async (paths, limit) =>
      view.prepare?.(
        paths.map((path) => root + path),
        limit
      )
  }
}
