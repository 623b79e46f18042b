import { toHtml } from '../browser/github.js'

/** In every command and tag that an attacker tries to smuggle in, and nowhere else. */
export const MARK = 'SMUGGLED'

/** What an attacker may write wherever the action reads text: commands, escapes, bidirectional controls, HTML, Markdown. */
export const HOSTILE = [
  `x \u001b[35m${MARK}\u001b[31m${MARK} \u009b31m \u001b]8;;http://x/\u0007`,
  `\u202e${MARK}\u202c \u2066x\u2069 \u200f`,
  ` ##[error]${MARK} #\u202e#[group]${MARK}`,
  `\n::add-mask::${MARK}\r\n::error::${MARK}\r::set-output name=status::${MARK}`,
  `\u2028::warning file=x::${MARK}\u0085  ::stop-commands::${MARK}`,
  `\n\`\`\`\n</details></summary><img src=x onerror=${MARK}> <b>${MARK}</b> \`${MARK}\` \`\`\`\``,
  `\n| [${MARK}](javascript:${MARK}) | ![${MARK}](http://x/${MARK}) | **${MARK}** %0A::debug::${MARK} "`
].join('')

/** What GitHub turns into a notification, a reference or a link in a comment, and text that is only long. */
export const LOUD = `@octocat @org/team #1 GH-2 org/app#3 https://evil.example/4 www.evil.example a@evil.example 둘째 날 표 ${'긴 이름 '.repeat(900)}`

/** The escape sequences of src/report/color.ts. */
// eslint-disable-next-line no-control-regex -- colors of a terminal
const OUR_COLORS = /\u001b\[(?:0|1|31|32|33|34|90)m/g
// eslint-disable-next-line no-control-regex -- the characters to find
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

const unescaped = (data: string): string =>
  data
    .replace(/%0D/g, '\r')
    .replace(/%0A/g, '\n')
    .replace(/%3A/g, ':')
    .replace(/%2C/g, ',')
    .replace(/%25/g, '%')

/** Lines as the runner shows them: it only unescapes the data of a command. */
const shown = (line: string): string[] => {
  const said = /^::(?:error|warning|notice|debug|group)(?: [^:]*)?::(.*)$/.exec(line)
  return said === null ? [line] : unescaped(said[1] ?? '').split(/\r\n|[\n\r]/)
}

/** The action's own masks are not shown; an attacker's mask is smuggled. */
const isOurs = (line: string): boolean => line === '::endgroup::' || /^::add-mask::(?!SMUGGLED)/.test(line)

/** An attacker's command where a runner would find it, or anything that colors or reverses a line. */
const isSmuggled = (line: string): boolean =>
  /^\s*::/.test(line) ||
  line.includes('##[') ||
  line.includes('\u001b[31mSMUGGLED') ||
  CONTROL.test(line.replace(OUR_COLORS, '')) ||
  DIRECTION.test(line)

/** The lines of a log in which an attacker's text is more than text. */
export const smuggled = (log: string): string[] => {
  const lines = log
    .replaceAll('\r\n', '\n')
    .split('\n')
    .filter((line) => !isOurs(line))
  return [
    ...lines.filter((line) => /^\s*::[\w-]+[^:]*::SMUGGLED/.test(line)),
    ...lines.flatMap(shown).filter(isSmuggled)
  ]
}

/** Markdown without its code blocks, whose contents are shown literally. */
const withoutFences = (markdown: string): string => {
  const kept: string[] = []
  let fence = ''
  for (const line of markdown.split('\n')) {
    const mark = /^(`{3,})/.exec(line)?.[1] ?? ''
    if (fence === '' && mark !== '') fence = mark
    else if (fence !== '' && line.trim() === fence) fence = ''
    else if (fence === '') kept.push(line)
  }
  return kept.join('\n')
}

/** Where links of ours lead. */
const OUR_LINK =
  /^https:\/\/(?:github\.com\/example-org\/example-app\/|[a-z0-9-]+\.console\.aws\.amazon\.com\/|preview\.example\.com$)/

/** What GitHub would make of a foreign text in a comment: markup, links, notifications, characters that reorder the line. */
export const loud = async (comment: string): Promise<string[]> => {
  const html = await toHtml(comment)
  const own = withoutFences(comment).match(/^<details(?: open)?>/gm)?.length ?? 0
  const details = html.match(/<details/g)?.length ?? 0
  const quiet = html.replace(/<(code|pre)\b[^>]*>.*?<\/\1>/gs, '')
  const text = quiet.replace(/<a .*?<\/a>/gs, '').replace(/<[^>]*>/g, ' ')
  return [
    ...[...html.matchAll(/<img[^>]*>/g)].map(([tag]) => tag),
    ...[...html.matchAll(/href="([^"]*)"/g)]
      .map(([, href = '']) => href)
      .filter((href) => !OUR_LINK.test(href)),
    ...[...quiet.matchAll(new RegExp(`<(?:b|strong|em|del|h\\d)>[^<]*${MARK}`, 'g'))].map(([dress]) => dress),
    ...[...text.matchAll(/(?<!\w)@\w+|(?<![&\w])#\d+|\bGH-\d+|https?:\/\/\S+|\bwww\.\S+/gi)].map(
      ([word]) => word
    ),
    ...(details === own ? [] : [`${details} <details>, but ${own} of ours`]),
    ...(CONTROL.test(comment) || DIRECTION.test(comment) ? ['control characters'] : [])
  ]
}

/** What is wrong with the one line of plain text that a status has. */
export const odd = (description: string): string[] => [
  ...(Array.from(description).length > 140 ? ['too long'] : []),
  ...(/[\n\r\t\v\f\u0085\u2028\u2029]/.test(description) ? ['more than one line'] : []),
  ...(CONTROL.test(description) || DIRECTION.test(description) ? ['control characters'] : [])
]

const OUR_TAGS = /<\/?(?:code|sub|b|br|details(?: open)?|summary)>/g

/** The parts of a summary in which an attacker's text is markup. */
export const markup = (summary: string): string[] => {
  const text = withoutFences(summary)
  const count = (tag: RegExp): number => text.match(tag)?.length ?? 0
  return [
    ...[...text.replace(OUR_TAGS, '').matchAll(/<[^\n]{0,40}/g)].map(([tag]) => tag),
    ...[...text.matchAll(/\]\((?!https?:\/\/)[^)]*\)|!\[/g)].map(([link]) => link),
    ...[...text.matchAll(new RegExp(`<b>${MARK}|\\*\\*${MARK}|\`${MARK}`, 'g'))].map(([dress]) => dress),
    ...(count(/<details/g) === count(/<\/details>/g) ? [] : ['a <details> that is not closed']),
    ...(CONTROL.test(text) || DIRECTION.test(text) ? ['control characters'] : [])
  ]
}
