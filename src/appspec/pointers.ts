import type { BundleView } from '../domain/bundle.js'
import { counted } from '../domain/counted.js'
import { isPointer, mayBePointer, MOST_POINTER_BYTES, MOST_POINTERS_READ } from '../domain/lfs.js'
import type { Problems } from './problems.js'

/** Files that are read at the same time. */
const AT_ONCE = 16

/** Warns once when files of the bundle are pointers of Git LFS instead of what they point to. */
export const findPointers = async (
  view: BundleView,
  problemsOf: (path: string) => Problems
): Promise<void> => {
  const paths = view.entries
    .filter(({ kind, path, size }) => kind === 'file' && mayBePointer(path, size))
    .slice(0, MOST_POINTERS_READ)
    .map(({ path }) => path)
  if (paths.length === 0) return
  await view.prepare?.(paths, MOST_POINTER_BYTES)
  const found: string[] = []
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const some = paths.slice(at, at + AT_ONCE)
    const contents = await Promise.all(some.map((path) => view.read(path, MOST_POINTER_BYTES)))
    found.push(...some.filter((_, index) => isPointer(contents[index] ?? Buffer.alloc(0))))
  }
  const [first, ...others] = found
  if (first === undefined) return
  const more =
    others.length === 0
      ? ''
      : ` So ${others.length === 1 ? 'is' : 'are'} ${counted(others.length, 'other file')}, such as ${others[0] ?? ''}.`
  problemsOf(first).warning(
    `This is a pointer of Git LFS, not the file itself: the checkout did not fetch it, and the servers would get these few lines.${more} Set “lfs: true” for actions/checkout, or run “git lfs pull” before this step.`
  )
}
