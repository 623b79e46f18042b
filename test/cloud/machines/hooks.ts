import { readFile } from 'node:fs/promises'
import { statSync } from 'node:fs'
import path from 'node:path'
import type { AgentCommand, AgentResult } from '../contract.js'
import { parseAppSpec } from './appspec.js'
import type { Script } from './appspec.js'
import type { Host } from './host.js'
import { runScript } from './hook.js'
import { archiveOf, deploymentFolder, lastSuccessful, mostRecent } from './layout.js'
import { locate } from './root.js'
import { failure, ScriptError, success } from './script-error.js'
import { openScriptLog } from './script-log.js'

/** What a machine passes to its hooks. */
export interface HookSurroundings {
  host: Host
  env: Record<string, string>
  now: () => number
  signal: AbortSignal
}

/**
 * An event that runs scripts: those that the AppSpec lists for it, in order, until one fails. Without scripts it succeeds.
 * BeforeInstall is the first event to notice a broken AppSpec (docs/service.md, reference 6.2).
 */
export const runHooks = async (command: AgentCommand, around: HookSurroundings): Promise<AgentResult> => {
  const { base } = around.host
  const folder = await folderOfScripts(command, base)
  if (folder === undefined) return success
  const scripts = parseAppSpec(await readAppSpec(folder, base)).hooks.get(command.event) ?? []
  return scripts.length === 0 ? success : runAll(scripts, folder, command, around)
}

const runAll = async (
  scripts: Script[],
  folder: string,
  command: AgentCommand,
  around: HookSurroundings
): Promise<AgentResult> => {
  const file = locate(around.host.base, path.join(deploymentFolder(command), 'logs', 'scripts.log'))
  const log = await openScriptLog(file, around.now)
  try {
    await log.add(`LifecycleEvent - ${command.event}\n`)
    const env = { ...around.env, ...environmentOf(command) }
    for (const script of scripts) await runScript(script, { ...around, env, folder, log })
    return success
  } catch (error) {
    if (error instanceof ScriptError) return failure(error, log.tail())
    throw error
  } finally {
    await log.close()
  }
}

/** The hooks' environment (docs/service.md, reference 6.3). */
const environmentOf = (command: AgentCommand): Record<string, string> => ({
  LIFECYCLE_EVENT: command.event,
  DEPLOYMENT_ID: command.deploymentId,
  APPLICATION_NAME: command.applicationName,
  DEPLOYMENT_GROUP_NAME: command.deploymentGroupName,
  DEPLOYMENT_GROUP_ID: command.deploymentGroupId,
  BUNDLE_BUCKET: command.revision.bucket,
  BUNDLE_KEY: command.revision.key,
  ...(command.revision.version === undefined ? {} : { BUNDLE_VERSION: command.revision.version }),
  ...(command.revision.etag === undefined ? {} : { BUNDLE_ETAG: command.revision.etag })
})

type Whose = (group: string) => string

const STOPS: Record<string, Whose> = {
  ApplicationStop: lastSuccessful,
  BeforeBlockTraffic: lastSuccessful,
  AfterBlockTraffic: lastSuccessful
}

/** A blue/green rollback allows traffic to the old fleet and blocks it on the new one (docs/service.md, reference 1.5). */
const ROLLBACK: Record<string, Whose> = {
  ApplicationStop: lastSuccessful,
  BeforeBlockTraffic: mostRecent,
  AfterBlockTraffic: mostRecent,
  BeforeAllowTraffic: lastSuccessful,
  AfterAllowTraffic: lastSuccessful
}

/**
 * Whose scripts run: this deployment's if it is already unpacked, otherwise those of the deployment in the table
 * (docs/service.md, reference 2.2).
 */
const folderOfScripts = async (command: AgentCommand, base: string): Promise<string | undefined> => {
  const own = deploymentFolder(command)
  const isRollback =
    command.deploymentCreator === 'codeDeployRollback' && command.deploymentType === 'BLUE_GREEN'
  const whose = (isRollback ? ROLLBACK : STOPS)[command.event]
  if (whose === undefined || isThere(base, archiveOf(own))) return own
  const named = await readFile(locate(base, whose(command.deploymentGroupId)), 'utf8').catch(() => '')
  return named.trim() === '' ? undefined : named.trim()
}

const isThere = (base: string, file: string): boolean =>
  statSync(locate(base, file), { throwIfNoEntry: false }) !== undefined

const readAppSpec = async (folder: string, base: string): Promise<string> => {
  const archive = archiveOf(folder)
  const file = path.join(archive, 'appspec.yml')
  if (!isThere(base, file)) {
    throw new Error(
      'The CodeDeploy agent did not find an AppSpec file within the unpacked revision directory at revision-relative ' +
        `path "appspec.yml". The revision was unpacked to directory "${archive}", and the AppSpec file was expected but ` +
        `not found at path "${file}". Consult the AWS CodeDeploy Appspec documentation for more information at ` +
        'http://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html'
    )
  }
  return readFile(locate(base, file), 'utf8')
}
