/** A program that a script runs, without what only says how: `sudo -u app nohup java -jar a.jar` is java. */
export interface Program {
  /** The last part of its path. */
  name: string
  /** As it is written. */
  path: string
  args: readonly string[]
  /** It outlives the script on purpose: nohup, setsid. */
  isDetached: boolean
  /** It ends by itself: timeout. */
  isBounded: boolean
  /** It goes to the background without `&`: `setsid -f`, `sudo -b`. */
  forks: boolean
  /** `exec`: no shell waits for it. */
  replacesShell: boolean
  /** What it runs is itself a script: `sh -c …`, `su app -c …`. */
  shellText: string | undefined
}

/** How a wrapper's own words are told from the program that it runs. */
interface Wrapper {
  /** Options that are followed by a value of their own. */
  valued: RegExp
  /** Words of its own before the program. */
  words?: number
}

const NO_VALUES = /^$/
const WRAPPERS = new Map<string, Wrapper>([
  ['sudo', { valued: /^(?:-[a-zA-Z]*[ugpCrtTUDRh]|--(?:user|group|prompt|chdir|chroot|host))$/ }],
  ['doas', { valued: /^-[uC]$/ }],
  ['env', { valued: /^(?:-[uC]|--(?:unset|chdir))$/ }],
  ['nohup', { valued: NO_VALUES }],
  ['setsid', { valued: NO_VALUES }],
  ['exec', { valued: /^-a$/ }],
  ['command', { valued: NO_VALUES }],
  ['builtin', { valued: NO_VALUES }],
  ['time', { valued: NO_VALUES }],
  ['nice', { valued: /^(?:-n|--adjustment)$/ }],
  ['ionice', { valued: /^-[cnpPu]$/ }],
  ['stdbuf', { valued: /^-[ioe]$/ }],
  ['unbuffer', { valued: NO_VALUES }],
  ['authbind', { valued: /^--depth$/ }],
  ['gosu', { valued: NO_VALUES, words: 1 }],
  ['timeout', { valued: /^(?:-[ks]|--(?:signal|kill-after))$/, words: 1 }],
  ['runuser', { valued: /^(?:-[ugGsw]|--(?:user|group|shell))$/ }]
])

const SHELLS = /^(?:sh|bash|dash|ash|ksh|zsh)$/
const ASSIGNMENT = /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/

/** The program that a command's words run; undefined when they only assign or redirect. */
export const programOf = (words: readonly string[]): Program | undefined => {
  let rest = words.slice(countAssignments(words))
  const ways = { isDetached: false, isBounded: false, forks: false, replacesShell: false }
  for (;;) {
    const [path] = rest
    if (path === undefined) return undefined
    const name = baseOf(path)
    const wrapper = WRAPPERS.get(name)
    if (wrapper === undefined || isLogin(name, rest))
      return { name, path, args: rest.slice(1), ...ways, shellText: shellTextOf(name, rest.slice(1)) }
    const { options, left } = unwrap(rest.slice(1), wrapper)
    ways.isDetached ||= name === 'nohup' || name === 'setsid'
    ways.isBounded ||= name === 'timeout'
    ways.replacesShell ||= name === 'exec'
    ways.forks ||=
      (name === 'setsid' && options.some((option) => /^(?:-[a-z]*f|--fork)$/.test(option))) ||
      (name === 'sudo' && options.some((option) => /^(?:-[a-zA-Z]*b|--background)$/.test(option)))
    rest = left
  }
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** `runuser -u app program` is a wrapper, `runuser app -c text` is not. */
const isLogin = (name: string, words: readonly string[]): boolean =>
  name === 'runuser' && !words.some((word) => /^(?:-u|--user)/.test(word))

const countAssignments = (words: readonly string[]): number => {
  const end = words.findIndex((word) => !ASSIGNMENT.test(word))
  return end < 0 ? words.length : end
}

const unwrap = (
  words: readonly string[],
  { valued, words: own = 0 }: Wrapper
): { options: string[]; left: string[] } => {
  let at = 0
  const options: string[] = []
  for (let word = words[at]; word !== undefined; word = words[at]) {
    if (word.startsWith('-') && word !== '-') {
      options.push(word)
      at += valued.test(word) ? 2 : 1
      if (word === '--') break
    } else if (ASSIGNMENT.test(word)) at += 1
    else break
  }
  return { options, left: words.slice(at + own) }
}

const shellTextOf = (name: string, args: readonly string[]): string | undefined => {
  const isLoginProgram = name === 'su' || name === 'runuser'
  if (!isLoginProgram && !SHELLS.test(name)) return undefined
  const joined = args.find((arg) => arg.startsWith('--command='))
  if (isLoginProgram && joined !== undefined) return joined.slice('--command='.length)
  const option = isLoginProgram ? /^(?:-[a-z]*c|--command)$/ : /^-[a-z]*c$/
  const at = args.findIndex((arg) => option.test(arg))
  // A shell's own script comes before options that are not its own.
  if (at < 0 || (!isLoginProgram && args.slice(0, at).some((arg) => !/^[-+]/.test(arg)))) return undefined
  return args[at + 1]
}
