import type { BundleView } from '../domain/bundle.js'

/** What unpacking an archive would leave. */
export interface Unpacked {
  view: BundleView
  /** Over the tree, as for a folder (src/domain/content-hash.ts). */
  contentHash: string
}
