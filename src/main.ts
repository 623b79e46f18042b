import { parseInputs } from './inputs/parse.js'
import { sourceMistakes } from './inputs/source.js'
import type { World } from './ports.js'

/**
 * Inputs → identity → revision → deployment → events → report. Returns the exit code; throws when the run has no outcome,
 * before anything was changed.
 */
export const main = async (world: World): Promise<number> => {
  const { runner, context } = world
  const mistakes = [...context.mistakes, ...sourceMistakes(world)]
  const inputs = parseInputs((name) => runner.read(name), context, mistakes)
  // Each command is loaded only when it runs: a rollback needs no bundling code.
  switch (inputs.command) {
    case 'deploy':
      return (await import(/* webpackMode: "eager" */ './commands/deploy.js')).runDeploy(inputs, world)
    case 'rollback':
      return (await import(/* webpackMode: "eager" */ './commands/rollback.js')).runRollback(inputs, world)
    case 'release':
      return (await import(/* webpackMode: "eager" */ './commands/release.js')).runRelease(inputs, world)
    case 'history':
      return (await import(/* webpackMode: "eager" */ './commands/history.js')).runHistory(inputs, world)
    case 'preview':
      return (await import(/* webpackMode: "eager" */ './commands/preview.js')).runPreview(inputs, world)
    case 'setup':
      return (await import(/* webpackMode: "eager" */ './commands/setup.js')).runSetup(inputs, world)
    case 'cleanup':
      return inputs.what === 'previews'
        ? (await import(/* webpackMode: "eager" */ './commands/preview-cleanup.js')).runPreviewCleanup(
            inputs,
            world
          )
        : (await import(/* webpackMode: "eager" */ './commands/cleanup.js')).runCleanup(inputs, world)
    case 'check':
      return (await import(/* webpackMode: "eager" */ './commands/check.js')).runCheck(inputs, world)
  }
}
