import { runHistory } from './commands/history.js'
import { runPreview } from './commands/preview.js'
import { runRollback } from './commands/rollback.js'
import { runDeploy } from './commands/deploy.js'
import { parseInputs } from './inputs/parse.js'
import { sourceMistakes } from './commands/source.js'
import type { World } from './world.js'

/**
 * The walk: inputs → identity → revision → deployment → events → report. Gives the exit code; throws what has no
 * outcome, before anything was changed.
 */
export const main = async (world: World): Promise<number> => {
  const { runner, context } = world
  runner.info(greeting(runner.read('command')))
  const mistakes = [...context.mistakes, ...sourceMistakes(world)]
  const inputs = parseInputs((name) => runner.read(name), { commit: context.commit }, mistakes)
  switch (inputs.command) {
    case 'deploy':
      return runDeploy(inputs, world)
    case 'rollback':
      return runRollback(inputs, world)
    case 'history':
      return runHistory(inputs, world)
    case 'preview':
      return runPreview(inputs, world)
  }
}

const greeting = (command: string): string =>
  `CodeDeploy blue/green: ${/^[a-z]{1,20}$/.test(command) ? command : 'deploy'}`
