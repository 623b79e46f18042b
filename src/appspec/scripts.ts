import type { BundleView } from '../domain/bundle.js'
import { isScriptable } from './events.js'
import { type Problems, quoting } from './problems.js'
import { judgeScriptText } from './script-text.js'
import type { HookScript } from './spec.js'
import type { Tree } from './tree.js'

/** How many bytes of a script are checked. */
const LOOK = 65536
/** How many scripts are checked; an AppSpec has about a dozen. */
const MOST_SCRIPTS = 500

/** A script of a hook with what is known of it. */
export interface ReadScript {
  script: HookScript
  /** Its path in the bundle; undefined when it is not there. */
  path: string | undefined
  /** Its whole text; undefined when it was not read, or is larger than what is checked. */
  text: Buffer | undefined
}

/**
 * Checks that every script of a hook is in the bundle and can start (docs/service.md, reference 6.3, and 6.5, case 40). Returns
 * all of them, in the order of the AppSpec.
 */
export const checkScripts = async (
  scripts: readonly HookScript[],
  bundle: { view: BundleView; tree: Tree },
  problems: Problems
): Promise<ReadScript[]> => {
  const located = scripts.map((script) => ({ script, path: findScript(script, bundle.tree, problems) }))
  const found = new Map<string, HookScript>()
  for (const { script, path } of located) if (path !== undefined && !found.has(path)) found.set(path, script)
  const texts = await readScripts(found, bundle, problems)
  return located.map(({ script, path }) => ({
    ...{ script, path },
    text: path === undefined ? undefined : texts.get(path)
  }))
}

const readScripts = async (
  found: ReadonlyMap<string, HookScript>,
  bundle: { view: BundleView; tree: Tree },
  problems: Problems
): Promise<Map<string, Buffer>> => {
  const texts = new Map<string, Buffer>()
  const looked = [...found].slice(0, MOST_SCRIPTS)
  const next = [...found.values()][MOST_SCRIPTS]
  if (next !== undefined)
    problems.warning(
      `Only the first ${MOST_SCRIPTS} of ${found.size} scripts were checked; this one and those after it were not.`,
      next.place
    )
  await bundle.view.prepare?.(
    looked.map(([path]) => path),
    LOOK
  )
  for (const [path, script] of looked) {
    const text = await bundle.view.read(path, LOOK)
    if (text.length === bundle.tree.at(path)?.size) texts.set(path, text)
    for (const { severity, message } of judgeScriptText(text)) {
      const tell = severity === 'error' && isScriptable(script.event) ? 'error' : 'warning'
      problems[tell](`${script.location}: ${message}`, script.place)
    }
    if (((bundle.tree.at(path)?.mode ?? 0) & 0o111) === 0)
      problems.warning(
        `${script.location} is not executable. The agent makes it executable, but it is better to do so yourself (chmod +x).`,
        script.place
      )
  }
  return texts
}

/** The script's path in the bundle; undefined, with a finding, when there is none. */
const findScript = (script: HookScript, tree: Tree, problems: Problems): string | undefined => {
  const { location, place } = script
  // A script that never runs cannot fail.
  const tell = isScriptable(script.event) ? problems.error : problems.warning
  const found = tree.follow(location)
  switch (found.kind) {
    case 'file':
      return checkName(script, tell) ? found.path : undefined
    case 'directory': {
      const agent = `Script at specified location: ${location} failed with error Errno::EACCES with message Permission denied`
      tell(quoting(`The script ${location} of ${script.event} is a folder.`, agent), place)
      return undefined
    }
    case 'outside':
      if (!location.split('/').includes('..')) {
        problems.warning(
          `The script ${location} is a symlink that leads out of the bundle, so what runs depends on the instance.`,
          place
        )
        return undefined
      }
  }
  tell(quoting(missing(script, tree), `Script does not exist at specified location: ${location}`), place)
  return undefined
}

const missing = (script: HookScript, tree: Tree): string => {
  const { location, event } = script
  const [first = '', ...rest] = location.split(/\s+/)
  const link = tree.at(location.replace(/^\/+/, ''))
  if (link?.kind === 'symlink')
    return `The script ${location} of ${event} is a symlink to ${link.target ?? 'nothing'}, which is not in the bundle.`
  if (rest.length > 0 && tree.follow(first).kind === 'file')
    return `The location of a script takes no arguments, but this one of ${event} is “${location}”. Put the arguments into a wrapper script.`
  const folder = location.slice(0, location.lastIndexOf('/') + 1)
  const wanted = location.slice(folder.length).toLowerCase()
  const parent = tree.follow(folder)
  const similar =
    parent.kind === 'directory'
      ? [...tree.inside(parent.path).keys()].find((name) => name.toLowerCase() === wanted)
      : undefined
  const hint =
    similar === undefined ? 'Add it or correct the location.' : `There is ${folder}${similar}; case matters.`
  return `The script ${location} of ${event} is not in the bundle. ${hint}`
}

type Tell = Problems['error']

// The agent passes the path, unquoted, to a shell, or splits it at spaces for exec.
const checkName = ({ location, place }: HookScript, tell: Tell): boolean => {
  const bad = /[\s$&'"();`|\\<>]/.exec(location)?.[0]
  if (bad === undefined) return true
  const what = `The script's path ${location} contains ${JSON.stringify(bad)}; the agent starts it without quoting, so it looks for a different path. Rename the file.`
  tell(quoting(what, `Script at specified location: ${location} failed`), place)
  return false
}
