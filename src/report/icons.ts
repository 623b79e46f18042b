import type { Ending } from './story.js'

/** A picture for a status, where only Markdown is read; a word unknown today has a neutral one. */
export const statusIcon = (status: string): string => {
  const icons: Partial<Record<string, string>> = {
    Succeeded: '✅',
    Failed: '❌',
    Stopped: '🛑',
    Skipped: '⏭️',
    Pending: '⚪',
    Created: '⚪',
    Queued: '⚪'
  }
  return icons[status] ?? '🔵'
}

/** A picture for the end of a run. */
export const endingIcon = (name: Ending['name']): string => {
  const icons: Record<Ending['name'], string> = {
    succeeded: '✅',
    failed: '❌',
    'rolled-back': '↩️',
    stopped: '🛑',
    'timed-out': '⏳',
    started: '🚀'
  }
  return icons[name]
}
