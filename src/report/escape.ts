/** Escape sequences of terminals: CSI, OSC (up to its end), and the two-character ones. */
const ANSI =
  // eslint-disable-next-line no-control-regex
  /[\u001b\u009b]\[[0-?]*[ -/]*[@-~]|\u009b[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ufeff]|\p{Cs}/gu
/** They reorder the text around them, so that a reader sees something other than what is there. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
const SIGNIFICANT = /[&<>|\\`*_~[\]$]/g

const withoutControls = (text: string): string =>
  text.replace(ANSI, '').replace(/\t/g, '  ').replace(DIRECTION, '').replace(CONTROL, '\ufffd')

/** The text as one line: line breaks become `↵`, escape sequences are removed, other control characters become `�`. */
export const oneLine = (text: string): string =>
  withoutControls(text.replace(ANSI, '').trim().replace(LINE_BREAK, '↵'))

/**
 * The runner reads `::name::` at the start of a line and `##[name]` anywhere in it as a command. A space inside the marker
 * keeps the text readable and disarms the command.
 */
const withoutCommands = (line: string): string =>
  line.replace(/##(?=\[)/g, '# #').replace(/^(\s*):(?=:)/, '$1: ')

/** One line of foreign text that the runner treats as plain text. */
export const forLog = (text: string): string => withoutCommands(oneLine(text))

/** The same, but keeps the indentation. */
export const logLine = (text: string): string =>
  withoutCommands(withoutControls(text.replace(ANSI, '').trimEnd().replace(LINE_BREAK, '↵')))

/** Foreign text of several lines, each safe for the log, with its indentation; an empty text has no lines. */
export const logLines = (text: string): string[] => {
  const lines = text.replace(ANSI, '').trimEnd().split(LINE_BREAK)
  return lines.every((line) => line === '') ? [] : lines.map((line) => withoutCommands(withoutControls(line)))
}

/** Foreign text in a line of Markdown or a table cell: every character that could be syntax becomes an HTML entity. */
export const forMarkdown = (text: string): string =>
  oneLine(text).replace(SIGNIFICANT, (sign) => `&#${sign.charCodeAt(0).toString()};`)

/** Foreign text as inline code. HTML, because a backtick in the text would end Markdown's own code span. */
export const code = (text: string): string => `<code>${forMarkdown(text)}</code>`

/** Between characters that GitHub would otherwise read as a mention, a reference or an address. */
const APART = '&#8203;'
/** Mentions, references to issues, and addresses (docs.github.com, "Autolinked references and URLs"). */
const LINKED = String.raw`[@#]|:(?=\/\/)|www(?=\.)|GH(?=-)`
const LINKED_OR_NOT = new RegExp(`(${LINKED})`, 'gi')
const IS_LINKED = /^(?:[@#:]|www|GH)$/i

/**
 * Foreign text in a line of a comment on GitHub, which notifies whoever it mentions and leaves a note in every issue that it
 * refers to; a job summary does neither.
 */
export const forComment = (text: string): string =>
  oneLine(text)
    .split(LINKED_OR_NOT)
    .map((part) =>
      IS_LINKED.test(part)
        ? `${part}${APART}`
        : part.replace(SIGNIFICANT, (sign) => `&#${sign.charCodeAt(0).toString()};`)
    )
    .join('')

/**
 * Foreign text as a code span, in which GitHub reads nothing as syntax, mention, reference or address (GFM 6.3). In a cell of a
 * table, a bar still ends the cell (GFM 4.10).
 */
export const codeSpan = (text: string, { inTable = false } = {}): string => {
  const line = oneLine(text)
  if (line === '') return ''
  const runs = line.match(/`+/g) ?? []
  const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1)
  const room = /^[` ]|[` ]$/.test(line) ? ' ' : ''
  return `${fence}${room}${inTable ? line.replaceAll('|', '\\|') : line}${room}${fence}`
}

/** A word for a POSIX shell, in quotes unless it is plain. */
export const forShell = (word: string): string =>
  /^[A-Za-z0-9._/:@%+,=-]+$/.test(word) ? word : shellQuoted(word)

/** A word for a POSIX shell, always in quotes. */
export const shellQuoted = (word: string): string => `'${word.replace(/'/g, `'\\''`)}'`

const percent = (sign: string): string =>
  Array.from(Buffer.from(sign), (byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')

/** Characters that a URL must escape (RFC 3986) or that Markdown could read as syntax there. */
const NOT_IN_ADDRESS = /[^A-Za-z0-9._~:/?#@!&=+,;%-]/gu

/** The address with everything escaped that could be syntax; undefined for one that is not http(s). */
const safeAddress = (address: string | undefined): string | undefined =>
  address === undefined || !/^https?:\/\//.test(address)
    ? undefined
    : address.replace(NOT_IN_ADDRESS, percent)

/** A Markdown link around text that is already safe; without an http(s) address, just the text. */
export const link = (text: string, address: string | undefined): string => {
  const safe = safeAddress(address)
  return safe === undefined ? text : `[${text}](${safe})`
}

/** The same in a line of HTML, in which Markdown is not read. */
export const htmlLink = (text: string, address: string | undefined): string => {
  const safe = safeAddress(address)
  return safe === undefined ? text : `<a href="${safe.replace(/&/g, '&amp;')}">${text}</a>`
}

/** Lines as a code block whose fence is longer than any run of backticks in it. */
export const fenced = (lines: readonly string[], language = 'text'): string[] => {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? [])
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)))
  return [`${fence}${language}`, ...lines, fence]
}

const MERMAID_WORDS =
  /^(?:click|section|title|gantt|dateformat|axisformat|tickinterval|excludes|includes|todaymarker|weekday|weekend|topaxis|inclusiveenddates|acctitle|accdescr|accdescription|href|call|\d{4}-)/i

/**
 * The name of a task or a section in a Mermaid gantt. `:`, `;`, `#` and `,` end or split it, `%%` starts a comment, and a
 * name that begins with a keyword of the grammar is parsed as that keyword.
 */
export const forMermaid = (text: string): string => {
  const plain = oneLine(text)
    .replace(/[:;#,%"'`<>{}|\\&]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return MERMAID_WORDS.test(plain) ? `· ${plain}` : plain === '' ? '–' : plain
}
