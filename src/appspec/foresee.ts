import { counted } from '../domain/counted.js'
import { WORK_MINUTES } from '../domain/deadline.js'
import { SCRIPTABLE_EVENTS } from './events.js'
import type { Problems } from './problems.js'
import { isServer, mayProve, type ProgramStep, startedBy } from './services.js'
import { type Step, stepsOf } from './shell/flow.js'
import type { ReadScript } from './scripts.js'
import type { HookScript } from './spec.js'

/** The hooks of real applications are far below this; reading more would only give a hostile bundle time. */
const MOST_BYTES = 16_384
const MOST_SCRIPTS = 100

/** What the scripts themselves do, as far as it can be read. */
interface Reading extends ReadScript {
  steps: readonly Step[] | undefined
}

/**
 * Warns of what will go wrong although the agent accepts it: a start in the background that keeps the script's output open, a
 * service that no hook asks, and scripts that may run for hours. At most one warning of each kind; its findings are in
 * `problems`, or where the line of a script is at fault, in those of that file. A script in another language, or one that the
 * reader of shell scripts does not understand, causes none.
 */
export const foresee = (
  scripts: readonly ReadScript[],
  problems: Problems,
  problemsOf: (path: string) => Problems
): void => {
  const ordered = SCRIPTABLE_EVENTS.flatMap((event) => scripts.filter(({ script }) => script.event === event))
  const readings = ordered.map((one, index) => ({
    ...one,
    steps: one.text === undefined || index >= MOST_SCRIPTS ? undefined : readSteps(one.text)
  }))
  warnOfOpenStarts(readings, problemsOf)
  warnOfNoProof(readings, problems)
  warnOfTimeouts(readings, problems)
}

const SHELL = /^#![ \t]*(?:\S*\/)?(?:env[ \t]+(?:-\S+[ \t]+)*)?(?<name>bash|sh|dash|ash|ksh|zsh)(?=\s|$)/

const readSteps = (bytes: Buffer): Step[] | undefined => {
  if (bytes.length > MOST_BYTES) return undefined
  const text = bytes.toString()
  const shell = SHELL.exec(text)?.groups?.['name']
  // Without `#!`, the agent runs it with /bin/sh (docs/service.md, reference 6.3).
  if (shell === undefined && (text.startsWith('#!') || /[^\t-\r -~\u0080-\uffff]/.test(text)))
    return undefined
  return stepsOf(text, shell === 'bash')
}

/** Commands after which a process in the background may be gone when the script ends. */
const ENDS = /^(?:wait|kill|pkill|killall|fg)$/

const isDisowned = (steps: readonly Step[], from: number): boolean =>
  steps.slice(from).some((step) => step.kind === 'program' && step.name === 'disown')

/** The starts that are still there, with an output of the script, once it has ended. */
const openStarts = (steps: readonly Step[]): ProgramStep[] => {
  const mayEnd = (step: Step): boolean => step.kind === 'program' && ENDS.test(step.name)
  if (steps.some((step) => step.kind === 'program' && step.name === 'trap')) return []
  return steps.flatMap((step, index) =>
    step.kind === 'program' &&
    step.holds.length > 0 &&
    !steps.slice(index).some(mayEnd) &&
    isServer(step, isDisowned(steps, index))
      ? [step]
      : []
  )
}

/** Seconds after which CodeDeploy ends an event, and the agent a script without a timeout (docs/service.md, reference 4.5 and 6.3). */
const MOST_SECONDS = 3600

const secondsOf = ({ timeout }: HookScript): number => Math.min(Number(timeout ?? MOST_SECONDS), MOST_SECONDS)

/**
 * The agent waits until both outputs of a script are closed, within its timeout (docs/service.md, reference 6.3, and 9,
 * `failed to close STDOUT`).
 */
const warnOfOpenStarts = (readings: readonly Reading[], problemsOf: (path: string) => Problems): void => {
  const found = new Map<string, { reading: Reading; step: ProgramStep }>()
  for (const reading of readings)
    for (const step of openStarts(reading.steps ?? [])) {
      const place = `${reading.path ?? ''}:${step.line}`
      if (!found.has(place)) found.set(place, { reading, step })
    }
  const [first] = found.values()
  if (first?.reading.path === undefined) return
  const { script, path } = first.reading
  const { name, line, holds, isHeldByShell } = first.step
  const streams = holds.join(' and ')
  const others =
    found.size === 1 ? '' : ` The same is true of ${counted(found.size - 1, 'other start', 'other starts')}.`
  problemsOf(path).warning(
    `${cut(name)} is started in the background and keeps the script's ${streams} open. The agent waits until both outputs are closed, so ${script.event} will fail after ${counted(secondsOf(script), 'second')} with “failed to close ${(holds[0] ?? '').toUpperCase()}”, even if the service runs. ${isHeldByShell ? CURE_OF_SHELL : CURE}${others}`,
    { start: { line: line - 1, column: 0, index: 0 } }
  )
}

const CURE =
  'End the command with “> /var/log/app.log 2>&1 < /dev/null &”, in this order, or let systemd start the service.'
const CURE_OF_SHELL =
  'Its own output is redirected, but a shell waits for it in the background with the outputs of the script. Let “&” follow the command alone (put what comes before it on a line of its own), or redirect the whole group: “{ …; } > /var/log/app.log 2>&1 < /dev/null &”.'

/** A script may name a program as it likes. */
const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text)

/** Where the new version is started; a hook that runs later may still ask it. */
const STARTING = ['AfterInstall', 'ApplicationStart', 'BeforeAllowTraffic']
const ASKING = [...STARTING, 'AfterAllowTraffic']

/** When health checks fail, AllowTraffic ends after an hour and without a log (docs/service.md, reference 4.5 and 9). */
const warnOfNoProof = (readings: readonly Reading[], problems: Problems): void => {
  if (readings.some(({ script }) => script.event === 'ValidateService')) return
  const run = readings.filter(({ script }) => ASKING.includes(script.event))
  const at = run.findIndex((reading) => firstStart(reading) !== undefined)
  const first = run[at]
  const start = first && firstStart(first)
  if (first?.steps === undefined || start === undefined || !STARTING.includes(first.script.event)) return
  const after = [first.steps.slice(start.index + 1), ...run.slice(at + 1).map(({ steps }) => steps)]
  const isDisownedNow = isDisowned(first.steps, start.index)
  const proves = (step: Step): boolean =>
    mayProve(step) && (step.kind === 'loop' || startedBy(step, isDisownedNow) === undefined)
  if (after.some((steps) => steps === undefined || steps.some(proves))) return
  problems.warning(
    `No hook checks that the service answers: ${first.script.location} starts ${cut(start.what)} and does not wait for it, and there is no ValidateService. If the service does not come up, no hook notices, and AllowTraffic waits for the load balancer's health check for up to an hour and fails without a log. Add a ValidateService script that asks the service until it answers, such as “curl -fsS --retry 30 --retry-delay 2 --retry-all-errors http://localhost:8080/health”, and prints the service's log if it does not.`,
    first.script.place
  )
}

const firstStart = ({ steps }: Reading): { index: number; what: string } | undefined => {
  for (const [index, step] of (steps ?? []).entries()) {
    const what = step.kind === 'program' ? startedBy(step, isDisowned(steps ?? [], index)) : undefined
    if (what !== undefined) return { index, what }
  }
  return undefined
}

/**
 * The scripts of one event share an hour, and those of ApplicationStop do not run on new instances (docs/service.md, reference 2.2
 * and 4.5). Beyond the time that this action allows for the work of a deployment, it would stop watching before the hooks end.
 */
const warnOfTimeouts = (readings: readonly Reading[], problems: Problems): void => {
  const scripts = readings.map(({ script }) => script).filter(({ event }) => event !== 'ApplicationStop')
  const seconds = SCRIPTABLE_EVENTS.reduce((sum, event) => {
    const ofEvent = scripts.filter((script) => script.event === event).map(secondsOf)
    return (
      sum +
      Math.min(
        MOST_SECONDS,
        ofEvent.reduce((all, one) => all + one, 0)
      )
    )
  }, 0)
  if (seconds <= WORK_MINUTES * 60) return
  const without = scripts.filter(({ timeout }) => timeout === undefined)
  const [longest] = [...scripts].sort((one, other) => secondsOf(other) - secondsOf(one))
  const why =
    without.length === 0
      ? ''
      : `: ${without.length} of ${counted(scripts.length, 'script')} ${without.length === 1 ? 'has' : 'have'} no timeout and so may each take an hour`
  problems.warning(
    `By their timeouts, the hooks may run for ${hoursOf(seconds)} before a deployment fails${why}. A script that hangs holds the deployment for its whole timeout. Give each script a little more than it needs, such as “timeout: 300”.`,
    (without[0] ?? longest)?.place
  )
}

const hoursOf = (seconds: number): string => {
  const minutes = Math.floor(seconds / 60)
  const rest = minutes % 60
  return `${counted(Math.floor(minutes / 60), 'hour')}${rest === 0 ? '' : ` ${counted(rest, 'minute')}`}`
}
