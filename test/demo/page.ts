/** Shows the log of a step as the GitHub page does: groups with a triangle and an indent, annotations in color. */
export const pageWriter = (write: (text: string) => void): ((chunk: string) => void) => {
  let rest = ''
  let inGroup = false
  const line = (text: string): void => {
    const command = /^::(?<name>[a-z-]+)(?<properties> [^:]*)?::(?<message>.*)$/.exec(text)?.groups
    if (command === undefined) {
      write(`${inGroup ? '  │ ' : '  '}${text}\n`)
      return
    }
    const message = unescape(command['message'] ?? '')
    switch (command['name']) {
      case 'group':
        inGroup = true
        write(`  \u001b[1m▼ ${message}\u001b[0m\n`)
        return
      case 'endgroup':
        inGroup = false
        return
      case 'error':
      case 'warning':
      case 'notice':
        write(annotation(command['name'], message, command['properties'] ?? ''))
        return
      default:
      // Masks and outputs are not shown on a page.
    }
  }
  return (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(line)
  }
}

const COLORS: Record<string, number> = { error: 31, warning: 33, notice: 36 }

const annotation = (level: string, message: string, properties: string): string => {
  const file = /file=([^,]+)/.exec(properties)?.[1]
  const head = `${level.charAt(0).toUpperCase()}${level.slice(1)}${file === undefined ? '' : ` (${unescape(file)})`}: `
  return message
    .split('\n')
    .map((text, index) => `  \u001b[${COLORS[level] ?? 0}m${index === 0 ? head : '  '}${text}\u001b[0m\n`)
    .join('')
}

const unescape = (text: string): string =>
  text
    .replace(/%0D/g, '\r')
    .replace(/%0A/g, '\n')
    .replace(/%3A/g, ':')
    .replace(/%2C/g, ',')
    .replace(/%25/g, '%')
