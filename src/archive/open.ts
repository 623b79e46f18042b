import { basename } from 'node:path'
import type { BundleView, Finding } from '../domain/bundle.js'
import type { HashedEntry } from '../domain/content-hash.js'
import type { BundleType } from '../domain/revision.js'
import { ArchiveError, type Defects, LimitError, openDefects } from './defects.js'
import { type FileReader, openFile } from './file-reader.js'
import { claimedType, type Content, recognize } from './format.js'
import { gunzip } from './gzip.js'
import type { Unpacked } from './listing.js'
import { readTar } from './tar.js'
import { hasDirectory } from './zip-directory.js'
import { readZip } from './zip.js'

/** A prebuilt archive, as the agent would unpack it. */
export interface Archive {
  /** By the content, not by the file's name. */
  bundleType: BundleType
  /** What is on the server after unpacking; its files can be read until `close`. */
  view: BundleView
  /** The entries of the view with the hash of every file. */
  entries: readonly HashedEntry[]
  /** What is wrong with the archive itself; the AppSpec in it is judged separately. */
  findings: Finding[]
  /** False when the archive, or the AppSpec file in it, cannot be read, so there is nothing to judge. */
  readable: boolean
  /** As for a folder with the same tree. */
  contentHash: string
  /** Bytes of the archive. */
  size: number
  close(): Promise<void>
}

/** Opens and checks a .zip, .tgz or .tar. Throws what the file system throws; a bad archive results in findings. */
export const openArchive = async (path: string): Promise<Archive> => {
  const file = await openFile(path)
  try {
    const defects = openDefects()
    const content = await contentOf(file)
    checkName(basename(path), content, defects)
    const { unpacked, readable } = await tryToRead({ file, content, name: basename(path) }, defects)
    return {
      bundleType: TYPES[content] ?? claimedType(path) ?? 'zip',
      view: unpacked.view,
      entries: unpacked.entries,
      contentHash: unpacked.contentHash,
      readable,
      findings: defects.findings().map((finding) => ({ ...finding, file: finding.file || basename(path) })),
      size: file.size,
      close: () => file.close()
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

// A zip may be preceded by other bytes, such as a program that unpacks it.
const contentOf = async (file: FileReader): Promise<Content> => {
  const content = recognize(await file.at(0, 512))
  return content === 'unknown' && (await hasDirectory(file)) ? 'zip' : content
}

const TYPES: Partial<Record<Content, BundleType>> = { zip: 'zip', gzip: 'tgz', tar: 'tar' }

const NOTHING: Unpacked = {
  view: { entries: [], read: () => Promise.resolve(Buffer.alloc(0)) },
  entries: [],
  contentHash: ''
}

interface Opened {
  file: FileReader
  content: Content
  name: string
}

const tryToRead = async (
  { file, content, name }: Opened,
  defects: Defects
): Promise<{ unpacked: Unpacked; readable: boolean }> => {
  try {
    const unpacked = await read(file, content, defects)
    return { unpacked, readable: unpacked.blind !== true }
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    if (error instanceof LimitError)
      defects.error(name, `The archive exceeds what this action reads: ${error.message}.`)
    else defects.error(name, `The agent cannot unpack the archive: ${error.message}. Recreate it.`)
    return { unpacked: NOTHING, readable: false }
  }
}

const read = (file: FileReader, content: Content, defects: Defects): Promise<Unpacked> => {
  switch (content) {
    case 'zip':
      return readZip(file, defects)
    case 'gzip':
      return readTar(() => gunzip(file), defects)
    case 'tar':
      return readTar(() => file.pieces(0, file.size), defects)
    case 'empty':
      throw new ArchiveError('the file is empty')
    case 'compressed':
      throw new ArchiveError(
        'it is compressed in a way that CodeDeploy does not support (bzip2, xz, zstd, 7z or similar)'
      )
    case 'unknown':
      throw new ArchiveError('it is neither a zip nor a tar, with or without gzip')
  }
}

const checkName = (name: string, content: Content, defects: Defects): void => {
  const claimed = claimedType(name)
  const actual = TYPES[content]
  if (claimed === undefined || actual === undefined || claimed === actual) return
  const what = `The file is named ${name}, but it is a ${actual === 'tgz' ? 'gzip-compressed tar' : actual}.`
  if (claimed === 'tar' && actual === 'tgz') defects.warning(name, `${what} Rename it to .tgz.`)
  else defects.error(name, `${what} Unpacking it by its name fails on the server. Rename it or recreate it.`)
}
