import type { RubyValue } from './ruby-value.js'

/** One script of a hook as the agent keeps it. */
export interface HookScript {
  event: string
  location: string
  /** Where the location stands in the file. */
  place: RubyValue
  /** Seconds; absent where the AppSpec gives none (the agent takes 3600). */
  timeout?: bigint
  runas?: string
  sudo: boolean
}

/** One entry under `files`. Both may be of any type here, since the agent looks only when it installs. */
export interface FileMapping {
  source: RubyValue
  destination: RubyValue
}

/** One entry under `permissions` that the agent's parser accepts. */
export interface Permission {
  place: RubyValue
  object: string
  pattern: RubyValue | undefined
  except: readonly RubyValue[]
  types: readonly string[]
  mode?: string
  owner?: RubyValue
  group?: RubyValue
  hasAcl: boolean
  /** The first entry that is a default ACL, which only folders can have. */
  defaultAcl?: string
  context?: { place: RubyValue; hasRange: boolean }
}

/** An AppSpec after parsing, with everything in it that could be read. */
export interface AppSpec {
  scripts: HookScript[]
  files: FileMapping[]
  permissions: Permission[]
}
