import { MOST_COPIES } from '../domain/limits.js'
import { expandPath } from './paths.js'
import { inspect, type RubyHash, type RubyPair, type RubyValue } from './ruby-value.js'

/** What the agent would raise while it plans the copies, M21 and its kin. */
export type Conflict = { agent: string } | undefined

/** Install would bring more than any server is meant to hold: the plan is given up. */
export class PlanError extends Error {
  override readonly name = 'PlanError'
}

/** The folders and files that Install would make, by their full path on the instance. */
export interface InstallPlan {
  /** Destination → source in the bundle, in the order of copying. */
  copies: Map<string, string>
  folders: Set<string>
  copy(source: string, destination: string): Conflict
  makeFolder(destination: string): Conflict
  /** Counts one more thing that is brought, whether or not it is new. Throws PlanError when there are too many. */
  count(): void
}

/** An empty plan. Its rules are those of the agent's instruction builder (reference §6.4, M21). */
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

/** Pairs of a mapping by what Ruby tells keys apart by; a file may hold a hundred thousand. */
type Index = Map<string, RubyPair>

/** A mapping that is being filled. */
export interface Filling {
  hash: RubyHash
  index: Index
}

/** Puts a pair in; a key that is there already keeps its place and loses its value, as in Ruby. */
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
