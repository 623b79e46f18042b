import { ShellError, type Word } from './lexer.js'
import { type Command, type Group, parseShell, type Redirect, type Simple, type Statement } from './parser.js'
import { programOf, type Program } from './program.js'

/** What a script does, one after the other; a branch that is not taken counts as well. */
export type Step = { line: number } & ({ kind: 'loop' } | ({ kind: 'program' } & Program & Running))

export interface Running {
  /** The shell goes on without waiting for it. */
  isBackground: boolean
  /** The outputs of the script that stay open while it runs in the background. */
  holds: readonly Output[]
  /** Only because a shell in the background waits for it: its own output is redirected. */
  isHeldByShell: boolean
}

export type Output = 'stdout' | 'stderr'

/** Where the file descriptors of a command lead: to an output of the script, or elsewhere. */
type Descriptors = ReadonlyMap<number, Output | 'elsewhere'>

interface Scope {
  steps: Step[]
  functions: Map<string, Command>
  /** The shell waits for the last command of a list that runs in the background; dash turns into it instead. */
  isBash: boolean
  descriptors: Descriptors
  isBackground: boolean
  /** What a shell in the background keeps open until the command that it runs ends. */
  holds: readonly Output[]
  /** Functions and `-c` texts that are being read. */
  within: readonly string[]
}

/** Functions may call functions, so a short script could have endless steps. */
const MOST_STEPS = 5_000
const MOST_WITHIN = 10

/**
 * The steps of a shell script, with the calls of its own functions and `sh -c` texts read through; undefined for a script that
 * this reader does not understand. Reads only: nothing is expanded or run.
 */
export const stepsOf = (text: string, isBash: boolean): Step[] | undefined => {
  const steps: Step[] = []
  const descriptors: Descriptors = new Map([
    [1, 'stdout'],
    [2, 'stderr']
  ])
  try {
    const scope: Scope = {
      ...{ steps, functions: new Map<string, Command>(), isBash, descriptors },
      ...{ isBackground: false, holds: [], within: [] }
    }
    walk(parseShell(text), scope)
    return steps
  } catch (error) {
    if (error instanceof ShellError) return undefined
    throw error
  }
}

const walk = (statements: readonly Statement[], scope: Scope): void => {
  for (const statement of statements) {
    const inside = statement.isBackground ? behind(statement, scope) : scope
    for (const stages of statement.pipelines) {
      const before = scope.steps.length
      stages.forEach(({ command, pipesErrors }, index) => {
        const piped = index === stages.length - 1 ? [] : pipesErrors ? [1, 2] : [1]
        // A command that is not part of a pipe may redirect those after it.
        const descriptors = elsewhere(inside.descriptors, piped)
        step(command, stages.length === 1 ? inside : { ...inside, descriptors })
      })
      if (stages.length > 1) share(scope.steps, before)
    }
  }
}

/** What is piped into one another ends together, so `server | tee log &` holds what tee does. */
const share = (steps: Step[], from: number): void => {
  const piped = steps.slice(from).flatMap((one) => (one.kind === 'program' && one.isBackground ? [one] : []))
  const holds = outputs(piped.flatMap((one) => one.holds))
  const isHeldByShell = piped.every((one) => one.isHeldByShell)
  for (const one of piped) Object.assign(one, { holds, isHeldByShell })
}

const outputs = (some: readonly (Output | 'elsewhere' | undefined)[]): Output[] =>
  (['stdout', 'stderr'] as const).filter((output) => some.includes(output))

const behind = ({ pipelines }: Statement, scope: Scope): Scope => {
  const waits = pipelines.length > 1 && scope.isBash
  return { ...scope, isBackground: true, holds: waits ? holding(scope) : scope.holds }
}

const holding = ({ descriptors, holds }: Pick<Scope, 'descriptors' | 'holds'>): Output[] =>
  outputs([...holds, descriptors.get(1), descriptors.get(2)])

const step = (command: Command, scope: Scope): void => {
  if (scope.steps.length > MOST_STEPS) throw new ShellError('it has too many steps')
  if (command.kind === 'function') scope.functions.set(command.name, command.body)
  else if (command.kind === 'group') stepInto(command, scope)
  else stepSimple(command, scope)
}

const stepInto = ({ how, body, redirects, line }: Group, scope: Scope): void => {
  if (how === 'loop') scope.steps.push({ kind: 'loop', line })
  const inside = { ...scope, descriptors: redirected(scope.descriptors, redirects) }
  const waits = how === 'loop' || (scope.isBash && (how !== 'subshell' || !isOneCommand(body)))
  const own = { ...inside, holds: scope.isBackground && waits ? holding(inside) : scope.holds }
  walk(body, own)
  if (how !== 'subshell' && redirects.length === 0) adopt(scope, own)
}

/** After `exec >file`, in this shell or in a part of the script that it runs itself. */
const adopt = (scope: Scope, { descriptors }: Pick<Scope, 'descriptors'>): void => {
  if (scope.descriptors === descriptors) return
  scope.descriptors = descriptors
  const open = holding({ descriptors, holds: [] })
  scope.holds = scope.holds.filter((output) => open.includes(output))
}

/** A shell that has nothing else to do turns into the command. */
const isOneCommand = (body: readonly Statement[]): boolean =>
  body.length === 1 &&
  body[0]?.pipelines.length === 1 &&
  body[0].pipelines[0]?.length === 1 &&
  body[0].pipelines[0][0]?.command.kind === 'simple'

const stepSimple = ({ words, redirects, line }: Simple, scope: Scope): void => {
  for (const word of words) stepIntoWord(word, line, scope)
  const texts = words.map(({ text }) => text)
  const inside = { ...scope, descriptors: redirected(scope.descriptors, redirects) }
  const body = scope.functions.get(texts[0] ?? '')
  if (body !== undefined) {
    const own = stepIntoBody({ name: `${texts[0] ?? ''}()`, body }, inside)
    if (redirects.length === 0) adopt(scope, own)
    return
  }
  const program = programOf(texts)
  if (program === undefined) {
    // `exec` alone redirects what follows.
    if (texts.at(-1) === 'exec') adopt(scope, inside)
    return
  }
  if (program.shellText !== undefined) stepIntoText({ text: program.shellText, line }, inside)
  else stepProgram(program, line, inside)
}

const stepProgram = (program: Program, line: number, scope: Scope): void => {
  const isBackground = scope.isBackground || program.forks
  const waiting = program.replacesShell || !isBackground ? [] : scope.holds
  const own = isBackground ? holding({ ...scope, holds: [] }) : []
  scope.steps.push({
    ...{ kind: 'program', line, ...program, isBackground },
    holds: outputs([...own, ...waiting]),
    isHeldByShell: own.length === 0
  })
}

/** Within another shell or a function, the one that called it waits. */
const stepIntoBody = ({ name, body }: { name: string; body: Command }, scope: Scope): Scope => {
  if (scope.within.includes(name) || scope.within.length >= MOST_WITHIN) return scope
  const holds = scope.isBackground ? holding(scope) : scope.holds
  const own = { ...scope, holds, within: [...scope.within, name] }
  step(body, own)
  return own
}

const stepIntoText = ({ text, line }: { text: string; line: number }, scope: Scope): void => {
  if (scope.within.length >= MOST_WITHIN) throw new ShellError('it is nested too deeply')
  const holds = scope.isBackground ? holding(scope) : scope.holds
  walk(parseShell(text, line), { ...scope, holds, functions: new Map(), within: [...scope.within, '-c'] })
}

const stepIntoWord = ({ inner }: Word, line: number, scope: Scope): void => {
  if (inner.length > 0 && scope.within.length >= MOST_WITHIN) throw new ShellError('it is nested too deeply')
  for (const text of inner)
    walk(parseShell(text, line), {
      ...{ ...scope, descriptors: elsewhere(scope.descriptors, [1]), isBackground: false, holds: [] },
      within: [...scope.within, '$()']
    })
}

const elsewhere = (descriptors: Descriptors, numbers: readonly number[]): Descriptors =>
  new Map([...descriptors, ...numbers.map((number) => [number, 'elsewhere'] as const)])

/** From left to right, as the shell does: `2>&1 >file` leaves stderr where stdout was. */
const redirected = (descriptors: Descriptors, redirects: readonly Redirect[]): Descriptors => {
  if (redirects.length === 0) return descriptors
  const found = new Map(descriptors)
  for (const { text, fd, target } of redirects) {
    const from = /^(?:\/dev\/fd\/|\/proc\/self\/fd\/)?(\d+)$/.exec(
      target === '/dev/stdout' ? '1' : target === '/dev/stderr' ? '2' : target
    )?.[1]
    const isCopy = text === '>&' || (from !== undefined && from !== target) || target.startsWith('/dev/std')
    const leads = isCopy && from !== undefined ? (found.get(Number(from)) ?? 'elsewhere') : 'elsewhere'
    const isBoth = text.startsWith('&>') || (text === '>&' && fd === undefined && !/^[\d-]/.test(target))
    if (text.startsWith('<')) continue
    for (const number of isBoth ? [1, 2] : [fd ?? 1]) found.set(number, leads)
  }
  return found
}
