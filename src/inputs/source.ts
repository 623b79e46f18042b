import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { INPUTS } from './table.js'

interface Reading {
  runner: { read: (name: string) => string }
  context: { workspace: string; pull?: { action: string } | undefined }
}

/** Mistakes in `source` that show before anything is read, to report with those in the other inputs. */
export const sourceMistakes = ({ runner, context }: Reading): string[] => {
  const command = runner.read('command').trim() || 'deploy'
  if (command !== 'deploy' && command !== 'preview') return []
  // The end of a preview needs no files.
  if (command === 'preview' && context.pull?.action === 'closed') return []
  const given = runner.read('source').trim() || (INPUTS.source.default ?? '.')
  const path = resolve(context.workspace, given)
  const where = `Input \`source\`, got ${JSON.stringify(given)}`
  if (!existsSync(path))
    return [
      `${where}: there is no such folder or archive (${path}). Does \`actions/checkout\` run before this step?`
    ]
  const stats = statSync(path)
  if (!stats.isDirectory() && !stats.isFile())
    return [`${where}: ${path} is neither a folder nor an archive.`]
  if (stats.isDirectory() && !existsSync(join(path, 'appspec.yml')) && command === 'deploy')
    return [`${where}: the folder has no appspec.yml at its root, and the agent looks nowhere else.`]
  return []
}
