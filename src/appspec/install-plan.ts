import { MOST_COPIES } from '../domain/limits.js'
import { expandPath } from './paths.js'
import { inspect, type RubyHash, type RubyPair, type RubyValue } from './ruby-value.js'

/** What the agent would raise while planning the copies (docs/service.md, reference 6.4, M21). */
export type Conflict = { agent: string } | undefined

/** Install would copy more than any server is meant to hold, so planning stops. */
export class PlanError extends Error {
  override readonly name = 'PlanError'
}

/** The files and folders that Install would create, by their full paths on the instance. */
export interface InstallPlan {
  /** Destination → source in the bundle, in the order of copying. */
  copies: Map<string, string>
  folders: Set<string>
  copy(source: string, destination: string): Conflict
  makeFolder(destination: string): Conflict
  /** Counts one more file or folder, whether or not it is new. Throws PlanError when there are too many. */
  count(): void
}

/** An empty plan, with the rules of the agent's instruction builder (docs/service.md, reference 6.4, M21). */
export const openPlan = (): InstallPlan => {
  const copies = new Map<string, string>()
  const folders = new Set<string>()
  let brought = 0
  return {
    count: () => {
      if (++brought > MOST_COPIES) throw new PlanError()
    },
    copies,
    folders,
    copy: (source, destination) => {
      const path = expandPath(destination)
      const earlier = copies.get(path)
      if (earlier !== undefined) return { agent: twoSources(source, earlier, path) }
      if (folders.has(path)) return { agent: fileOnFolder(source, path) }
      copies.set(path, source)
      return undefined
    },
    makeFolder: (destination) => {
      const path = expandPath(destination)
      const earlier = copies.get(path)
      if (earlier !== undefined) return { agent: folderOnFile(path, earlier) }
      folders.add(path)
      return undefined
    }
  }
}

const twoSources = (source: string, earlier: string, path: string): string =>
  `The deployment failed because the application specification file specifies two source files named ${source} and ${earlier} for the same destination (${path}). Remove one of the source file paths from the AppSpec file, and then try again.`

const fileOnFolder = (source: string, path: string): string =>
  `The deployment failed because the application specification file calls for installing the file ${source}, but a file with that name already exists at the location (${path}). Update your AppSpec file or directory structure, and then try again.`

const folderOnFile = (path: string, earlier: string): string =>
  `The deployment failed because the application specification file includes an mkdir command more than once for the same destination path (${path}) from (${earlier}). Update the files section of the AppSpec file, and then try again.`

/** The pairs of a mapping, keyed as Ruby compares keys: there may be a hundred thousand. */
type Index = Map<string, RubyPair>

/** A mapping under construction. */
export interface Filling {
  hash: RubyHash
  index: Index
}

/** Adds a pair; a key that is already there keeps its position and gets the new value, as in Ruby. */
export const assign = ({ hash, index }: Filling, key: RubyValue, value: RubyValue): void => {
  const name = `${key.kind} ${inspect(key)}`
  const same = index.get(name)
  if (same !== undefined) {
    hash.repeated.push(key)
    Object.assign(same, { key, value })
    return
  }
  const pair = { key, value }
  index.set(name, pair)
  hash.pairs.push(pair)
}
