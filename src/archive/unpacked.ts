import type { BundleView } from '../domain/bundle.js'

/** What unpacking an archive would leave. */
export interface Unpacked {
  view: BundleView
  /** Over the tree, as for a folder (src/domain/content-hash.ts). */
  contentHash: string
  /** The AppSpec file is there, but its content cannot be had; the reason is among the findings. */
  blind?: boolean
}
