/**
 * What no bundle of a real application comes near, but what a stranger's bundle may hold to wear out a runner. Where Linux
 * or a format has a limit of its own, it is that one: the agent fails beyond it as well.
 */

const MIB = 1_048_576

/** Bytes of a path, and of a symlink's target: PATH_MAX of Linux (limits.h) is 4,096 with the NUL at its end. */
export const MOST_PATH_BYTES = 4_095

/** An AppSpec is written by people, and 1 MiB holds 10,000 hooks. AWS names no limit. */
export const MOST_APPSPEC_BYTES = MIB

/** Entries of an archive with the folders that they imply. A root volume of the usual 8 GiB has 524,288 inodes (mkfs.ext4). */
export const MOST_ENTRIES = 500_000

/** All paths and link targets of an archive together; 500,000 files of a node_modules have a fourth of it. */
export const MOST_NAME_BYTES = 128 * MIB

/**
 * How far an archive may swell: software packs 2 to 10 : 1, deflate can't do more than 1,032 : 1 (zlib.net, "Technical
 * Details"), and whoever comes near that packs zeros. Small archives may do what they like.
 */
export const MOST_SWELLING = 200
export const FREELY_UNPACKED_BYTES = 1_024 * MIB

/** Copies and folders that Install may plan: each entry of `files` may bring the whole bundle once more. */
export const MOST_COPIES = 500_000

/** The event that brought the run: GitHub caps webhook payloads at 25 MB (docs.github.com, "Webhook events and payloads"). */
export const MOST_EVENT_BYTES = 32 * MIB

/** Whether so many bytes out of an archive of that size are a bomb. */
export const isBomb = (unpacked: number, archive: number): boolean =>
  unpacked > FREELY_UNPACKED_BYTES && unpacked > MOST_SWELLING * archive
