import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as timeout } from 'node:timers/promises'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import type { AgentCommand, AgentResult, CloudClock, Machine, ObjectStore } from '../contract.js'
import { createMachines } from './machines.js'
import type { Fleet } from './machines.js'

/** The files of a bundle: contents, a link, or a folder. Scripts need no mode, because the agent makes them executable. */
export type Tree = Record<string, string | { mode?: number; symlink?: string; text?: string }>

export const realClock: CloudClock = {
  now: () => Date.now(),
  passed: () => performance.now(),
  sleep: async (ms, signal) => {
    await timeout(ms, undefined, signal === undefined ? {} : { signal })
  }
}

const parts = (tree: Tree) =>
  Object.entries(tree).map(([name, value]) => {
    const { text = '', symlink: link, mode } = typeof value === 'string' ? { text: value } : value
    const isFolder = name.endsWith('/')
    return {
      name,
      body: Buffer.from(isFolder ? '' : (link ?? text)),
      link,
      isFolder,
      mode: mode ?? (isFolder ? 0o755 : 0o644)
    }
  })

const tarHeader = (
  name: string,
  fields: { type: string; mode: number; size: number; link?: string }
): Buffer => {
  const header = Buffer.alloc(512)
  header.write(name, 0, 100)
  header.write(`${fields.mode.toString(8).padStart(7, '0')}\0`, 100)
  header.write(`${fields.size.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write(' '.repeat(8), 148)
  header.write(fields.type, 156)
  header.write(fields.link ?? '', 157, 100)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

const padded = (body: Buffer): Buffer =>
  Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)])

const paxRecord = (key: string, value: string): string => {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + 1
  while (String(length).length + rest !== length) length = String(length).length + rest
  return `${length} ${key}=${value}\n`
}

export const tar = (tree: Tree): Buffer => {
  const blocks = parts(tree).flatMap(({ name, body, link, isFolder, mode }) => {
    const type = link !== undefined ? '2' : isFolder ? '5' : '0'
    const content = type === '0' ? body : Buffer.alloc(0)
    const header = tarHeader(name, {
      type,
      mode,
      size: content.length,
      ...(link === undefined ? {} : { link })
    })
    if (Buffer.byteLength(name) <= 100) return [header, padded(content)]
    const pax = Buffer.from(paxRecord('path', name))
    return [
      tarHeader('pax', { type: 'x', mode: 0o644, size: pax.length }),
      padded(pax),
      header,
      padded(content)
    ]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

export const zip = (tree: Tree): Buffer => {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const { name, body, link, isFolder, mode } of parts(tree)) {
    const packed = body.length > 20 ? deflateRawSync(body) : body
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x800, 2)
    common.writeUInt16LE(body.length > 20 ? 8 : 0, 4)
    common.writeUInt32LE(crc32(body), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(body.length, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed])
    const rest = Buffer.alloc(14)
    const type = link !== undefined ? 0o120000 : isFolder ? 0o040000 : 0o100000
    rest.writeUInt32LE(((type | mode) << 16) >>> 0, 6)
    rest.writeUInt32LE(offset, 10)
    central.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, rest, Buffer.from(name))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(locals.length, 8)
  end.writeUInt16LE(locals.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

/** A fleet in its own folder, with the bundles it can download. */
export interface Yard {
  scratch: string
  fleet: Fleet
  /** Stores a bundle for the machines and returns the revision that names it. */
  put(key: string, bundle: Buffer, bundleType?: string): AgentCommand['revision']
  close(): Promise<void>
}

export const openYard = (view: 'on' | 'off', bootSeconds = 0): Yard => {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'yard-'))
  const fileOf = (key: string) => path.join(scratch, `bundle-${key}`)
  const objects: ObjectStore = {
    head: (_bucket, key) => {
      if (!existsSync(fileOf(key))) return undefined
      const bytes = readFileSync(fileOf(key))
      return { etag: `"${createHash('md5').update(bytes).digest('hex')}"`, size: bytes.length }
    },
    file: (_bucket, key) => {
      if (!existsSync(fileOf(key))) throw new Error('The specified key does not exist.')
      return fileOf(key)
    }
  }
  const fleet = createMachines({
    scratch,
    clock: realClock,
    objects,
    bootSeconds,
    view,
    extraEnv: { STAGE: 'test' }
  })
  return {
    scratch,
    fleet,
    put: (key, bundle, bundleType = 'tar') => {
      writeFileSync(fileOf(key), bundle)
      return { bucket: 'bundles', key, bundleType }
    },
    close: async () => {
      await fleet.stopAll()
      rmSync(scratch, { recursive: true, force: true })
    }
  }
}

/** A command for a machine; what a test does not set gets a unique name. */
export const order = (
  event: string,
  given: Partial<AgentCommand> & Pick<AgentCommand, 'revision'>
): AgentCommand => ({
  event,
  deploymentId: 'd-ONE',
  deploymentGroupId: 'group-id',
  deploymentGroupName: 'Web',
  applicationName: 'Shop',
  deploymentType: 'IN_PLACE',
  deploymentCreator: 'user',
  fileExistsBehavior: 'DISALLOW',
  ...given
})

/** The events of a deployment on a server without a load balancer, up to the first that fails. */
export const deploy = async (
  machine: Machine,
  command: AgentCommand
): Promise<AgentResult & { event: string }> => {
  const events = [
    'ApplicationStop',
    'DownloadBundle',
    'BeforeInstall',
    'Install',
    'AfterInstall',
    'ApplicationStart'
  ]
  let last: AgentResult & { event: string } = {
    event: '',
    errorCode: '',
    scriptName: '',
    message: '',
    logTail: ''
  }
  for (const event of [...events, 'ValidateService']) {
    last = { event, ...(await machine.run({ ...command, event })) }
    if (last.errorCode !== 'Success') return last
  }
  return last
}

export const gzip = gzipSync
export const archiveFolder = '/opt/codedeploy-agent/deployment-root/group-id/d-ONE/deployment-archive'

/** An AppSpec with one hook and optional further lines. */
export const appspec = (event: string, script: string, more = ''): string =>
  `version: 0.0\nos: linux\n${more}hooks:\n  ${event}:\n    - location: ${script}\n      timeout: 10\n`

/** The files of a folder as those of a bundle, with some of them replaced. */
export const treeOf = (folder: string, replaced: Tree = {}): Tree => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(path.join(folder, name)).isFile())
  const read = (name: string) => ({
    text: readFileSync(path.join(folder, name), 'utf8'),
    mode: statSync(path.join(folder, name)).mode & 0o777
  })
  return { ...Object.fromEntries(files.map((name) => [name, read(name)])), ...replaced }
}
