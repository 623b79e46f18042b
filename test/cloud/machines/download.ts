import { createReadStream } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { AgentCommand, ObjectStore } from '../contract.js'
import { writeEntries } from './archive.js'
import type { Host } from './host.js'
import {
  archiveOf,
  deploymentFolder,
  deploymentRoot,
  instructions,
  lastSuccessful,
  mostRecent
} from './layout.js'
import { locate } from './root.js'
import { readTar } from './untar.js'
import { readZip } from './unzip.js'

/** How many unpacked revisions of one group stay on the machine: `:max_revisions:` in the agent's settings. */
const ARCHIVES_TO_RETAIN = 5

/**
 * The event DownloadBundle: fetches the revision's object, compares its ETag, unpacks it, and notes it as the most recent one.
 * Throws with the agent's messages (docs/service.md, reference 4.3 and 6.1).
 */
export const downloadBundle = async (
  command: AgentCommand,
  host: Host,
  objects: ObjectStore
): Promise<void> => {
  const { bucket, key, version, etag, bundleType } = command.revision
  const folder = deploymentFolder(command)
  await dropOldArchives(command, host)
  await mkdir(locate(host.base, folder), { recursive: true })
  const bundle = locate(host.base, path.join(folder, 'bundle.tar'))
  await copyFile(objects.file(bucket, key, version), bundle)
  const actual = objects.head(bucket, key, version)?.etag ?? ''
  if (etag !== undefined && bare(etag) !== bare(actual)) {
    throw new Error(`Expected deployment artifact bundle etag ${etag} but was actually ${actual}`)
  }
  const archive = locate(host.base, archiveOf(folder))
  await rm(archive, { recursive: true, force: true })
  await unpack(bundleType, bundle, archive)
  await stripSingleFolder(archive)
  await mkdir(locate(host.base, instructions), { recursive: true })
  await writeFile(locate(host.base, mostRecent(command.deploymentGroupId)), folder)
}

const bare = (etag: string): string => etag.replaceAll('"', '')

/** A stream may fail before anybody reads it; only its later reader gets the error. */
const heard = <S extends Readable>(stream: S): S => stream.on('error', () => undefined)

const unpack = async (bundleType: string, bundle: string, archive: string): Promise<void> => {
  if (bundleType !== 'zip' && bundleType !== 'tar' && bundleType !== 'tgz') {
    throw new Error('BundleType in S3Revision must be tar, tgz or zip')
  }
  const file = createReadStream(bundle)
  try {
    if (bundleType === 'zip') await writeEntries(readZip(bundle), archive)
    else await writeEntries(readTar(heard(bundleType === 'tgz' ? file.pipe(createGunzip()) : file)), archive)
  } catch (cause) {
    // The agent only says how `unzip` or `tar` ended (field report: aws-codedeploy-agent 116).
    const [kind, code] = bundleType === 'zip' ? ['zip', 9] : ['tar', 2]
    throw new Error(`Error extracting ${kind} archive: ${code}`, { cause })
  } finally {
    file.destroy()
  }
}

/** A bundle with a single folder that contains the AppSpec is treated as that folder (docs/service.md, reference 6.1). */
const stripSingleFolder = async (archive: string): Promise<void> => {
  const [name, ...others] = await readdir(archive)
  if (name === undefined || others.length > 0) return
  const only = path.join(archive, name)
  if (!(await stat(only)).isDirectory()) return
  if (!(await readdir(only)).some((entry) => /appspec/i.test(entry))) return
  const aside = `${archive}-nested`
  await rename(only, aside)
  await rm(archive, { recursive: true })
  await rename(aside, archive)
}

/** Makes room for one more revision of the group; keeps the one whose hooks may still be needed. */
const dropOldArchives = async (command: AgentCommand, host: Host): Promise<void> => {
  const group = locate(host.base, path.join(deploymentRoot, command.deploymentGroupId))
  const names = await readdir(group).catch(() => [])
  const kept = await readFile(locate(host.base, lastSuccessful(command.deploymentGroupId)), 'utf8').catch(
    () => ''
  )
  const dated = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(path.join(group, name))).mtimeMs }))
  )
  const oldest = dated
    .filter(({ name }) => name !== path.basename(kept))
    .sort((one, other) => one.time - other.time)
  const excess = names.length - (ARCHIVES_TO_RETAIN - 1)
  for (const { name } of oldest.slice(0, Math.max(0, excess))) {
    await rm(path.join(group, name), { recursive: true, force: true })
  }
}
