import type { BundleEntry, BundleView } from '../domain/bundle.js'

/**
 * The folder that becomes the root on the instance, with its slash; '' for the bundle's own root. When the bundle holds
 * nothing but one folder, and a name in that folder contains “appspec”, the agent takes the folder off (reference §6.1).
 */
export const findRoot = (entries: readonly BundleEntry[]): string => {
  const tops = new Set(entries.map(({ path }) => path.split('/', 1)[0] ?? ''))
  const [top] = tops
  if (tops.size !== 1 || top === undefined) return ''
  if (entries.some(({ path, kind }) => path === top && kind !== 'directory')) return ''
  const names = entries.map(({ path }) => path.split('/', 2)[1] ?? '')
  return names.some((name) => /appspec/i.test(name)) ? `${top}/` : ''
}

/** The same bundle, seen from that folder. */
export const placeAt = (view: BundleView, root: string): BundleView => {
  if (root === '') return view
  const inside = view.entries.filter(({ path }) => path.startsWith(root))
  return {
    entries: inside.map((entry) => ({ ...entry, path: entry.path.slice(root.length) })),
    read: (path, limit) => view.read(root + path, limit),
    prepare: async (paths, limit) =>
      view.prepare?.(
        paths.map((path) => root + path),
        limit
      )
  }
}
