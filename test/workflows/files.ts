import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** The repository that is tested. */
export const ROOT = join(import.meta.dirname, '..', '..')

/** One step, as far as the rules look at it. */
export interface Step {
  uses?: string
  run?: string
  with?: Record<string, unknown>
}

/** One job: either steps, or a call of a reusable workflow. */
export interface Job {
  permissions?: Record<string, string>
  uses?: string
  with?: Record<string, unknown>
  steps?: Step[]
  outputs?: Record<string, string>
  concurrency?: Record<string, unknown>
  'timeout-minutes'?: unknown
}

/** What a caller may hand in. */
export interface CallInput {
  description?: string
  type?: string
  default?: string | number | boolean
}

/** A workflow as parsed YAML. */
export interface Workflow {
  name?: string
  on: {
    workflow_call?: {
      inputs: Record<string, CallInput>
      outputs: Record<string, { description: string; value: string }>
    }
  }
  permissions?: Record<string, string>
  jobs: Record<string, Job>
}

/** action.yml as parsed YAML. */
export interface ActionFile {
  inputs: Record<string, { description?: string; default?: string }>
  outputs: Record<string, { description?: string }>
  runs: { using: string; main: string }
}

/** The text of a file, by its path in the repository. */
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

const within = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => `${folder}/${name}`)

/** Paths of the workflows that run in this repository or are called by others. */
export const workflowPaths = (): string[] => within('.github/workflows')

/** Paths of the workflows that users copy. */
export const examplePaths = (): string[] => within('examples/workflows')

export const workflow = (path: string): Workflow => parse(read(path)) as Workflow

export const action = (path: string): ActionFile => parse(read(path)) as ActionFile

/** Every step of every job. */
export const steps = ({ jobs }: Workflow): Step[] => Object.values(jobs).flatMap((job) => job.steps ?? [])
