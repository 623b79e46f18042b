import type { BundleEntry } from '../domain/bundle.js'
import { contentHash, type HashedEntry } from '../domain/content-hash.js'
import { MOST_PATH_BYTES } from '../domain/limits.js'
import { isShort, isShortTarget, refuseBomb } from './bounds.js'
import { type Defects, LimitError } from './defects.js'
import { type FileReader, head } from './file-reader.js'
import { checkLink, type Listing, openListing, tidyPath, type Unpacked } from './listing.js'
import { digest, EntryError, isReadable, isUnzipMethod, unpack } from './zip-content.js'
import { readDirectory, type ZipRecord } from './zip-directory.js'
import { COMPLAINS, readName } from './zip-name.js'

/**
 * Reads a zip as the agent unpacks it: with `unzip -qo`, and with rubyzip if unzip complains, so what unzip only warns about
 * is a warning here (command_executor.rb and linux_util.rb of the agent). Verifies every entry's checksum.
 */
export const readZip = async (file: FileReader, defects: Defects): Promise<Unpacked> => {
  const { records, shift } = await readDirectory(file)
  if (shift > 0) defects.warning('', `${shift} bytes precede the archive; ${COMPLAINS}`)
  refuseBombs(records, file.size)
  const listing = openListing(defects, false)
  const places = new Map<string, ZipRecord>()
  for (const record of records) {
    const path = readName(record, defects)
    const entry = path === undefined ? undefined : await readEntry(path, record, { file, defects })
    if (entry === undefined) continue
    listing.add(entry)
    places.set(entry.path, record)
  }
  warnOfMacFolder(listing, defects)
  return {
    view: {
      entries: listing.entries(),
      read: (path, limit) => {
        const record = places.get(path)
        if (record === undefined || !isReadable(record)) return Promise.resolve(Buffer.alloc(0))
        return head(unpack(file, record), limit).catch(nothingIfDamaged)
      }
    },
    entries: listing.entries(),
    contentHash: contentHash(listing.entries()),
    blind: listing.entries().some(isUnreadAppSpec)
  }
}

const isUnreadAppSpec = ({ kind, path, sha256 }: HashedEntry): boolean =>
  kind === 'file' && sha256 === undefined && /^(?:[^/]+\/)?appspec\.yml$/.test(path)

// The damage was reported when the entry was checked.
const nothingIfDamaged = (error: unknown): Buffer => {
  if (error instanceof EntryError) return Buffer.alloc(0)
  throw error
}

const warnOfMacFolder = (listing: Listing, defects: Defects): void => {
  if (listing.at('__MACOSX') !== undefined)
    defects.warning(
      '__MACOSX',
      'The archive contains the __MACOSX folder of macOS. It goes to the server, and keeps the agent from stripping a single top folder. Zip without it (ditto --norsrc, or zip -X).'
    )
}

interface Context {
  file: FileReader
  defects: Defects
}

const readEntry = async (
  path: string,
  record: ZipRecord,
  context: Context
): Promise<HashedEntry | undefined> => {
  const { defects } = context
  if (!isShort(record.rawName.length, path, defects)) return undefined
  const kind = kindOf(path, record)
  if (kind === 'special') {
    defects.warning(path, 'This entry is a device, pipe or socket, which unzip skips.')
    return undefined
  }
  const entry: BundleEntry = {
    path: tidyPath(path),
    kind,
    mode: modeOf(record, kind),
    size: kind === 'file' ? record.size : 0
  }
  if (entry.path === '') return undefined
  if (kind === 'directory') return entry
  if (entry.mode === 0 && kind === 'file')
    defects.warning(path, 'This file has no permission bits, so only root can use it on the server.')
  return readContent(entry, record, context)
}

const readContent = async (
  entry: BundleEntry,
  record: ZipRecord,
  { file, defects }: Context
): Promise<HashedEntry | undefined> => {
  if (!isReadable(record)) {
    tellUnreadable(entry.path, record, defects)
    return entry
  }
  if (entry.kind === 'symlink' && !isShortTarget(record.size, entry.path, defects)) return undefined
  try {
    const sha256 = await digest(file, record)
    if (entry.kind === 'file') return { ...entry, sha256 }
    const target = (await head(unpack(file, record), MOST_PATH_BYTES)).toString()
    checkLink(defects, entry.path, target)
    return { ...entry, target }
  } catch (error) {
    if (!(error instanceof EntryError)) throw error
    defects.error(entry.path, `${entry.path} ${error.message}. Recreate the archive.`)
    return entry
  }
}

const tellUnreadable = (path: string, record: ZipRecord, defects: Defects): void => {
  if ((record.flags & 1) !== 0)
    defects.error(path, 'This entry is encrypted, and the agent has no password. Zip without encryption.')
  else if (isUnzipMethod(record))
    defects.warning(
      path,
      `This entry is compressed with method ${record.method}, which unzip may support but this check does not, so its content was not checked. Zip with deflate.`
    )
  else
    defects.error(
      path,
      `This entry is compressed with method ${record.method}, which the agent cannot unpack. Zip with deflate.`
    )
}

const UNIX = 3

const kindOf = (path: string, record: ZipRecord): BundleEntry['kind'] | 'special' => {
  const type = record.host === UNIX ? record.attributes >>> 28 : 0
  if (path.endsWith('/') || type === 0o04) return 'directory'
  if (type === 0o12) return 'symlink'
  return type === 0 || type === 0o10 ? 'file' : 'special'
}

// Only archives created on Unix have permission bits; for others, unzip uses what the umask leaves.
const modeOf = (record: ZipRecord, kind: BundleEntry['kind']): number => {
  if (kind === 'symlink') return 0o777
  if (record.host === UNIX) return (record.attributes >>> 16) & 0o7777
  return kind === 'directory' ? 0o755 : 0o644
}

/** Refuses a zip bomb by its directory alone, before anything is unpacked. */
const refuseBombs = (records: readonly ZipRecord[], archive: number): void => {
  refuseBomb(
    records.reduce((sum, { size }) => sum + size, 0),
    archive
  )
  refuseOverlaps(records)
}

const LOCAL_HEADER = 30

/** Refuses entries that share bytes: no program writes them, and unzip refuses them ("possible zip bomb"). */
const refuseOverlaps = (records: readonly ZipRecord[]): void => {
  const sorted = [...records].sort((one, other) => one.offset - other.offset)
  const shared = sorted.filter(({ offset, rawName, packed }, index) => {
    const next = sorted[index + 1]
    return next !== undefined && offset + LOCAL_HEADER + rawName.length + packed > next.offset
  })
  if (shared.length > 0)
    throw new LimitError(
      `${shared.length} of its entries overlap others, which unzip treats as a zip bomb. Zip the files with another program`
    )
}
