import type { Finding } from '../domain/bundle.js'
import { markdownTable } from './columns.js'
import { code, forMarkdown } from './escape.js'
import { fit } from './fitting.js'
import { bytesText } from './size.js'

/** The job summary of a judged bundle: the verdict, and a table of what was found. */
export const findingsSummary = (
  findings: readonly Finding[],
  bundle: { files: number; bytes: number }
): string => {
  const refused = findings.some(({ severity }) => severity === 'error')
  const heading = refused
    ? '## ❌ The agent would refuse this bundle'
    : '## ✅ The agent would take this bundle'
  const rows = findings.map(({ severity, file, line, message }) => [
    severity === 'error' ? '❌' : '⚠️',
    code(`${file}${line === undefined ? '' : `:${line}`}`),
    forMarkdown(message)
  ])
  const columns = [{ title: ' ' }, { title: 'Where' }, { title: 'What' }]
  const table = rows.length === 0 ? ['Nothing to mend.'] : [markdownTable(columns, rows).join('\n')]
  return fit([heading, `${bundle.files} files, ${bytesText(bundle.bytes)}`, ...table])
}
