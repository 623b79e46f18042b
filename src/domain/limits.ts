/**
 * Limits that no real application comes near, but that a hostile bundle may exceed to exhaust a runner. Where Linux or a format
 * has its own limit, that one is used: the agent fails beyond it as well.
 */

const MIB = 1_048_576

/** Bytes of a path, and of a symlink's target: PATH_MAX of Linux (limits.h) is 4,096 including the final NUL. */
export const MOST_PATH_BYTES = 4_095

/** An AppSpec is written by people, and 1 MiB holds 10,000 hooks. AWS names no limit. */
export const MOST_APPSPEC_BYTES = MIB

/** Entries of an archive, including implied folders. A root volume of the usual 8 GiB has 524,288 inodes (mkfs.ext4). */
export const MOST_ENTRIES = 500_000

/** All paths and link targets of an archive together; a node_modules of 500,000 files has a fourth of that. */
export const MOST_NAME_BYTES = 128 * MIB

/**
 * How far an archive may expand: software compresses 2 to 10 : 1, deflate at most 1,032 : 1 (zlib.net, "Technical Details"),
 * and only zeros come near that. Small archives may expand freely.
 */
export const MOST_SWELLING = 200
export const FREELY_UNPACKED_BYTES = 1_024 * MIB

/** Copies and folders that Install may plan: each entry of `files` may copy the whole bundle again. */
export const MOST_COPIES = 500_000

/** The event that triggered the run: GitHub caps webhook payloads at 25 MB (docs.github.com, "Webhook events and payloads"). */
export const MOST_EVENT_BYTES = 32 * MIB

/** Whether an archive of this size that expands to so many bytes is a bomb. */
export const isBomb = (unpacked: number, archive: number): boolean =>
  unpacked > FREELY_UNPACKED_BYTES && unpacked > MOST_SWELLING * archive
