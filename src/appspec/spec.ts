import type { RubyValue } from './ruby-value.js'

/** One script of a hook as the agent stores it. */
export interface HookScript {
  event: string
  location: string
  /** The location as written, for its position in the file. */
  place: RubyValue
  /** Seconds; undefined if the AppSpec gives none (the agent then uses 3600). */
  timeout?: bigint | undefined
  runas?: string | undefined
  sudo: boolean
}

/** One entry under `files`. Both may be of any type, since the agent checks them only when it installs. */
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
  defaultAcl?: string | undefined
  context?: { place: RubyValue; hasRange: boolean }
}

/** A parsed AppSpec: everything in it that could be read. */
export interface AppSpec {
  scripts: HookScript[]
  files: FileMapping[]
  permissions: Permission[]
}
