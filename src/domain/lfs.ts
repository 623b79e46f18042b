/**
 * Git LFS keeps large files outside of git, and leaves a pointer of three lines in their place: version, oid and size
 * (github.com/git-lfs/git-lfs, docs/spec.md). A checkout that does not fetch them has only the pointers.
 */
const POINTER =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\r?\noid sha256:[0-9a-f]{64}\r?\nsize \d+\r?\n?$/

/** Bytes of a pointer: with a size of one digit, and with one of 15 digits and CRLF. Extensions, which are rare, make it longer. */
const LEAST_BYTES = 125
export const MOST_POINTER_BYTES = 143

/** Source code is not kept in LFS, and most files of such a size are that. */
const CODE = /\.(?:[cm]?[jt]sx?|map|py|pyi|rb|php|java|kt|go|rs|c|h|css|scss|html?|md|ya?ml|sh)$/i

/** Whether a file is worth reading to find out. */
export const mayBePointer = (path: string, size: number): boolean =>
  size >= LEAST_BYTES && size <= MOST_POINTER_BYTES && !CODE.test(path)

export const isPointer = (content: Buffer): boolean => POINTER.test(content.toString('latin1'))

/** So many files are read to find pointers: of 27,000 files of real packages, 8 may be one. */
export const MOST_POINTERS_READ = 1_000
