/** The comment syntax of the file with the markers. */
export type Comment = 'markdown' | 'yaml'

const marker = (comment: Comment, name: string, end: 'begin' | 'end'): string =>
  comment === 'markdown' ? `<!-- ${name}: ${end} -->` : `# ${name}: ${end}`

/** Replaces the text between the two markers called `name` with `body`. Throws if a marker is missing. */
export function fill(text: string, section: { name: string; comment: Comment; body: string }): string {
  const { name, comment, body } = section
  const lines = text.split('\n')
  const begin = lines.findIndex((line) => line.trim() === marker(comment, name, 'begin'))
  const end = lines.findIndex((line) => line.trim() === marker(comment, name, 'end'))
  if (begin < 0 || end < begin)
    throw new Error(
      `Expected the lines "${marker(comment, name, 'begin')}" and "${marker(comment, name, 'end')}", in this order`
    )
  return [...lines.slice(0, begin + 1), ...body.split('\n'), ...lines.slice(end)].join('\n')
}
