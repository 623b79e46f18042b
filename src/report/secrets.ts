const HIDDEN = '***'

/** Forms that are secrets by themselves: keys of AWS, tokens of GitHub, and JSON Web Tokens. */
const TOKENS =
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g

/** `DB_PASSWORD=…`, `"secretKey": "…"`, `X-Amz-Security-Token=…`: the name says that its value is one. */
const NAMED =
  /((?:passw(?:or)?d|pwd|secret|token|credentials?|signature|api[_-]?key|access[_-]?key|private[_-]?key)[\w-]{0,40}["']?\s{0,4}[:=]\s{0,4})(?:"[^"]{4,}"|'[^']{4,}'|[^\s"',;&]{4,})/gi

const AUTHORIZATION =
  /(authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:(?:bearer|basic|token)\s+)?)[^\s"',;]{4,}/gi

/** `postgres://user:password@host` */
const IN_ADDRESS = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{0,100}:)[^\s/@]+(?=@)/gi

/** A line may be of any length; beyond this, nothing of it is shown. */
const MOST_CHARACTERS = 4_096

const withoutSecrets = (line: string): string =>
  line
    .slice(0, MOST_CHARACTERS)
    .replace(IN_ADDRESS, `$1${HIDDEN}`)
    .replace(AUTHORIZATION, `$1${HIDDEN}`)
    .replace(NAMED, `$1${HIDDEN}`)
    .replace(TOKENS, HIDDEN)

/**
 * Lines without what has the form of a secret, including the whole of a PEM private key. That is a help, not a promise: nobody
 * can know what a program printed.
 */
export const hideSecrets = (lines: readonly string[]): string[] => {
  let isKey = false
  return lines.map((line) => {
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(line)) isKey = true
    const shown = isKey ? HIDDEN : withoutSecrets(line)
    if (/-----END [A-Z ]*PRIVATE KEY-----/.test(line)) isKey = false
    return shown
  })
}
