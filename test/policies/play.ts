import type { ActionRun } from '../action/run.js'
import type { Cloud } from '../cloud/start.js'
import { openFastStage, openScriptedStage, readable, type Stage } from '../scenarios/stage.js'
import type { Scenario } from './scenarios.js'

/** The result of a scenario. */
export interface Played {
  /** What went wrong; undefined if it went as with every permission. */
  broken: string | undefined
  /** The logs of its runs as a person reads them. */
  log: string
  /** Every action that its calls need. */
  asked: ReadonlySet<string>
  operations: ReadonlySet<string>
}

/** The same stage, which also keeps the log of each run. */
const keeping = (stage: Stage, logs: string[]): Stage => {
  const keep = async (run: Promise<ActionRun>): Promise<ActionRun> => {
    const ended = await run
    logs.push(readable(ended))
    return ended
  }
  return {
    ...stage,
    run: (telling) => keep(stage.run(telling)),
    deploy: (version, deploying) => keep(stage.deploy(version, deploying)),
    rollback: (commit, telling) => keep(stage.rollback(commit, telling)),
    history: (telling) => keep(stage.history(telling))
  }
}

/**
 * Runs a scenario on a new cloud, whose role, run and switches `prepare` sets. What was there before is done by a role that may
 * do everything, and counts for nothing.
 */
export const play = async (scenario: Scenario, prepare: (cloud: Cloud) => void): Promise<Played> => {
  const stage =
    scenario.fast === undefined
      ? await openScriptedStage(scenario.options)
      : await openFastStage(scenario.fast, scenario.options)
  const logs: string[] = []
  try {
    await scenario.before?.(stage)
    stage.cloud.role.asked.length = 0
    prepare(stage.cloud)
    const broken = await scenario.play(keeping(stage, logs)).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error))
    )
    return {
      broken,
      log: logs.join('\n'),
      asked: new Set(stage.cloud.role.asked.map(({ action }) => action)),
      operations: new Set(stage.cloud.requests.map(({ operation }) => operation))
    }
  } finally {
    await stage.close()
  }
}
