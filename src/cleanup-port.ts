import type { BundleObject, CopiedFleet, UnfinishedUpload } from './domain/cleanup.js'

/** What finding and deleting left-over fleets needs of AWS, in addition to CodeDeploy itself. */
export interface CleanupService {
  /** The names of all deployment groups of an application. */
  groups(application: string): Promise<string[]>
  /** Every Auto Scaling group that CodeDeploy made, by its tag. */
  copies(): Promise<CopiedFleet[]>
  /** Undefined when there is no such Auto Scaling group, or when it has no tag of CodeDeploy. */
  copy(name: string): Promise<CopiedFleet | undefined>
  /** Deletes the group with its instances. It is fine if it is gone or going already. */
  deleteCopy(name: string): Promise<void>
}

/** What deleting bundles needs of S3, in one bucket. */
export interface CleanupStore {
  uploads(folder: string): Promise<UnfinishedUpload[]>
  /** It is fine if the upload no longer exists. */
  abort(upload: UnfinishedUpload): Promise<void>
  bundles(folder: string): Promise<BundleObject[]>
  /** Hides the object behind a delete marker in a versioned bucket, and deletes it in any other. It is fine if it is gone. */
  remove(key: string): Promise<void>
}
