import { spawn } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, createGzip, deflateRawSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { APPSPEC, pax, SCRIPT, tar, zip, type Made } from '../archive/make.js'
import { DIST, parseOutputs } from '../action/run.js'

const MIB = 1_048_576
const GIB = 1_024 * MIB
/** The runs below need 100 to 250 MiB; without the limits, they need gigabytes. */
const MOST_MEMORY = 400 * MIB

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  code: number | null
  log: string
  findings: { severity: string; file: string; message: string; times?: number }[]
  outputBytes: number
  summary: string
  /** Peak memory in bytes (VmHWM). */
  peak: number
}

/** The process itself writes it on exit, because its parent sees only the peak of all its children. */
const METER = `process.on('exit', () => require('fs').writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS * 1024)))`

let runs = 0
/** Runs `preview` as a runner would. */
const preview = async (source: string): Promise<Ended> => {
  const step = join(folder, `step-${++runs}`)
  mkdirSync(step)
  const place = (name: string): string => join(step, name)
  for (const name of ['output', 'summary', 'peak']) writeFileSync(place(name), '')
  writeFileSync(place('meter.cjs'), METER)
  const child = spawn(process.execPath, ['--require', place('meter.cjs'), DIST], {
    env: {
      ...{ PATH: process.env['PATH'] ?? '', HOME: step, PEAK: place('peak') },
      ...{ GITHUB_OUTPUT: place('output'), GITHUB_STEP_SUMMARY: place('summary'), GITHUB_WORKSPACE: folder },
      ...{ INPUT_COMMAND: 'preview', INPUT_SOURCE: source }
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (log += text))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const output = readFileSync(place('output'), 'utf8')
  return {
    ...{ code, log, outputBytes: Buffer.byteLength(output, 'utf16le') },
    findings: JSON.parse(parseOutputs(output)['findings'] ?? '[]') as Ended['findings'],
    summary: readFileSync(place('summary'), 'utf8'),
    peak: Number(readFileSync(place('peak'), 'utf8'))
  }
}

const expectBounded = ({ peak, log, summary, outputBytes }: Ended): void => {
  if (process.env['SHOW_PEAKS'] !== undefined) process.stderr.write(`${Math.round(peak / MIB)} MiB\n`)
  expect(peak).toBeGreaterThan(10 * MIB)
  expect(peak).toBeLessThan(MOST_MEMORY)
  expect(log.length).toBeLessThan(MIB)
  expect(summary.length).toBeLessThan(MIB)
  expect(summary).toContain('## ')
  expect(outputBytes).toBeLessThan(MIB)
}

const errorsIn = ({ findings }: Ended): string =>
  findings
    .filter(({ severity }) => severity === 'error')
    .map(({ file, message }) => `${file}: ${message}`)
    .join('\n')

const ZEROS = Buffer.alloc(MIB)

/** Deflated zeros, built piece by piece: many copies of a flushed piece, then an end. */
const zeros = (size: number): { packed: Buffer; crc: number } => {
  const piece = deflateRawSync(ZEROS, { finishFlush: 3 })
  let crc = 0
  for (let at = 0; at < size; at += MIB) crc = crc32(ZEROS, crc)
  const pieces = Array.from({ length: size / MIB }, () => piece)
  return { packed: Buffer.concat([...pieces, deflateRawSync(Buffer.alloc(0))]), crc }
}

/** A zip of one entry that is deflated by hand, because its content would not fit into memory. */
const withZeros = (name: string, size: number, mode = 0o100644): Buffer => {
  const { packed, crc } = zeros(size)
  // `zip` writes an empty entry, whose data and sizes are then replaced.
  const made = zip([{ name, mode, method: 8, crc, size, text: '' }])
  const empty = deflateRawSync(Buffer.alloc(0)).length
  const head = made.subarray(0, 30 + name.length)
  const directory = made.subarray(30 + name.length + empty)
  head.writeUInt32LE(packed.length, 18)
  directory.writeUInt32LE(packed.length, 20)
  const end = directory.length - 22
  directory.writeUInt32LE(head.length + packed.length, end + 16)
  return Buffer.concat([head, packed, directory])
}

const put = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes)
  return name
}

const gzipped = async (name: string, pieces: Iterable<Buffer>): Promise<string> => {
  const zipper = createGzip({ level: 1 })
  const kept: Buffer[] = []
  zipper.on('data', (piece: Buffer) => kept.push(piece))
  const ended = new Promise((resolve) => zipper.once('end', resolve))
  for (const piece of pieces)
    if (!zipper.write(piece)) await new Promise((resolve) => zipper.once('drain', resolve))
  zipper.end()
  await ended
  return put(name, Buffer.concat(kept))
}

/** Headers of a tar without its end. */
const headers = (entries: readonly Made[]): Buffer => tar(entries).subarray(0, -1024)

describe('an archive that expands enormously', () => {
  test('a link with a target of 2 GiB is rejected unread', async () => {
    const run = await preview(put('link.zip', withZeros('appspec.yml', 2 * GIB - MIB, 0o120777)))
    expectBounded(run)
    expect(run.code).toBe(1)
    expect(errorsIn(run)).toMatch(
      /unpack to 2146435072 or more; above 1 GiB, this action unpacks at most 200 times/
    )
  })

  test('a link with a target of 512 MiB is rejected by the limit of Linux', async () => {
    const run = await preview(put('link-512.zip', withZeros('a-link', 512 * MIB, 0o120777)))
    expectBounded(run)
    expect(errorsIn(run)).toContain(
      'a-link: The target of this symlink has 536870912 bytes, and Linux allows at most 4095'
    )
  })

  test('an AppSpec of 1 GiB is rejected because of its size', async () => {
    const run = await preview(put('appspec.zip', withZeros('appspec.yml', GIB)))
    expectBounded(run)
    expect(errorsIn(run)).toMatch(/The AppSpec file has 1073741824 bytes; .* more than 1048576 \(1 MiB\)/)
  })

  test('an entry larger than its stated size is read only up to that size', async () => {
    const bytes = withZeros('appspec.yml', GIB)
    const at = bytes.length - 22 - 46 - 'appspec.yml'.length
    expect(bytes.readUInt32LE(at)).toBe(0x02014b50)
    bytes.writeUInt32LE(1000, at + 24)
    const run = await preview(put('lies.zip', bytes))
    expectBounded(run)
    expect(errorsIn(run)).toContain('has more than the 1000 bytes that the directory states')
  })

  test('entries that share their bytes are rejected', async () => {
    const one = zip([APPSPEC])
    const directory = one.subarray(one.length - 22 - 46 - 11, one.length - 22)
    const end = Buffer.from(one.subarray(one.length - 22))
    end.writeUInt16LE(1000, 8)
    end.writeUInt16LE(1000, 10)
    end.writeUInt32LE(directory.length * 1000, 12)
    const many = Array.from({ length: 1000 }, () => directory)
    const run = await preview(
      put('overlap.zip', Buffer.concat([one.subarray(0, one.length - 22 - directory.length), ...many, end]))
    )
    expectBounded(run)
    expect(errorsIn(run)).toMatch(/999 of its entries overlap others/)
  })

  test('a gzip with 2 GiB of zeros after a good tar is rejected while it is read', async () => {
    const bomb = Array.from({ length: 2 * 1024 }, () => ZEROS)
    const run = await preview(await gzipped('bomb.tgz', [tar([APPSPEC, SCRIPT]), ...bomb]))
    expectBounded(run)
    expect(errorsIn(run)).toMatch(/bomb\.tgz: The archive exceeds what this action reads: .*200 times/)
  })

  test('512 MiB of zeros are below the limit and accepted', async () => {
    const head = headers([APPSPEC, SCRIPT, { name: 'zeros', size: 512 * MIB }])
    const pieces = [head, ...Array.from({ length: 512 }, () => ZEROS), Buffer.alloc(1024)]
    const run = await preview(await gzipped('zeros.tgz', pieces))
    expectBounded(run)
    expect([run.code, errorsIn(run)]).toEqual([0, ''])
  })
})

describe('an archive of many entries or long names', () => {
  test('half a million entries are too many', async () => {
    const pieces = function* (): Generator<Buffer> {
      const one = headers([{ name: 'x'.padEnd(12, '0'), type: '5', mode: 0o755 }])
      for (let at = 0; at < 501_000; at += 1000) {
        const many: Buffer[] = []
        for (let index = at; index < at + 1000; index += 1) {
          const block = Buffer.from(one)
          block.write(`d${String(index).padStart(8, '0')}`, 0)
          block.fill(0, 9, 12)
          block.fill(' ', 148, 156)
          const sum = block.reduce((total, byte) => total + byte, 0)
          block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
          many.push(block)
        }
        yield Buffer.concat(many)
      }
    }
    const run = await preview(await gzipped('many.tgz', pieces()))
    expect(run.peak).toBeLessThan(600 * MIB)
    expect(errorsIn(run)).toContain('it has more than 500000 entries')
  })

  test.each<[string, (name: string) => Made[]]>([
    ['a pax header', (name) => [{ name: 'h', type: 'x', text: pax('path', name) }]],
    ['a GNU name', (name) => [{ name: '././@LongLink', type: 'L', text: `${name}\0` }]],
    ['a global pax header', (name) => [{ name: 'h', type: 'g', text: pax('path', name) }]]
  ])('a path of 900,000 bytes in %s is rejected', async (_, longName) => {
    const deep = 'a/'.repeat(450_000)
    const run = await preview(put('deep.tgz', gzipSync(tar([...longName(deep), { name: 'x', text: 'x' }]))))
    expectBounded(run)
    expect(errorsIn(run)).toContain('This name has 900000 bytes, and Linux allows paths of at most 4095')
  })

  test('a zip name of 60,000 bytes is rejected', async () => {
    const run = await preview(
      put('long.zip', zip([APPSPEC, SCRIPT, { name: 'a/'.repeat(30_000) + 'b', text: '' }]))
    )
    expectBounded(run)
    expect(errorsIn(run)).toContain('This name has 60001 bytes')
  })

  test('a link target of 100,000 bytes in a pax header is rejected', async () => {
    const header = { name: 'h', type: 'x', text: pax('linkpath', 'b'.repeat(100_000)) }
    const run = await preview(put('target.tar', tar([APPSPEC, SCRIPT, header, { name: 'l', type: '2' }])))
    expectBounded(run)
    expect(errorsIn(run)).toContain('The target of this symlink has 100000 bytes')
  })

  test.each(['-5', 'NaN', '1e300', '99999999999999999999'])('a pax size of %s is rejected', async (size) => {
    const header = { name: 'h', type: 'x', text: pax('size', size) }
    const run = await preview(put('size.tar', tar([APPSPEC, SCRIPT, header, { name: 'x', text: 'x' }])))
    expectBounded(run)
    expect(errorsIn(run)).toContain('an invalid size')
  })

  test('300 deeply nested scripts of a compressed tar are read in one more pass', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `a/b/c/d/${index}.sh`)
    const hooks = names.map((name) => `    - location: ${name}\n`).join('')
    const spec = `version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n${hooks}`
    const scripts = names.map((name) => ({ name, text: '#!/bin/sh\r\n', mode: 0o755 }))
    const run = await preview(
      put('scripts.tgz', gzipSync(tar([{ name: 'appspec.yml', text: spec }, ...scripts])))
    )
    expectBounded(run)
    expect(errorsIn(run).match(/CRLF/g)).toHaveLength(300)
    expect(run.log).toContain('… and 250 more mistakes')
  })
})

/** Creates a folder with an AppSpec and other files. */
const folderOf = (name: string, spec: string, others: Record<string, string> = {}): string => {
  mkdirSync(join(folder, name), { recursive: true })
  for (const [path, text] of Object.entries({ 'appspec.yml': spec, ...others }))
    writeFileSync(join(folder, name, path), text, { mode: 0o755 })
  return name
}

const TOP = 'version: 0.0\nos: linux\n'

describe('a folder', () => {
  test('with a sparse AppSpec of 2 GiB', async () => {
    const source = folderOf('sparse', TOP)
    truncateSync(join(folder, source, 'appspec.yml'), 2 * GIB)
    const run = await preview(source)
    expectBounded(run)
    expect(errorsIn(run)).toContain('The AppSpec file has 2147483648 bytes')
  })

  test('with a sparse script of 2 GiB', async () => {
    const source = folderOf('script', `${TOP}hooks:\n  AfterInstall:\n    - location: x.sh\n`)
    const file = openSync(join(folder, source, 'x.sh'), 'w', 0o755)
    writeSync(file, '#!/bin/sh\n')
    closeSync(file)
    truncateSync(join(folder, source, 'x.sh'), 2 * GIB)
    const run = await preview(source)
    expectBounded(run)
    expect(errorsIn(run)).toBe('')
  })

  test('with 5,000 links that lead out gets a bounded report', async () => {
    const source = folderOf('links', TOP)
    for (let index = 0; index < 5_000; index += 1)
      symlinkSync(`/etc/${'x'.repeat(200)}${index}`, join(folder, source, `l${index}`))
    const run = await preview(source)
    expectBounded(run)
    expect(run.log).toContain('… and 4,950 more warnings')
    expect(run.code).toBe(0)
  })
})

describe('a malicious AppSpec', () => {
  const cases: [name: string, spec: string, expected: RegExp][] = [
    [
      '60,000 missing hooks',
      `${TOP}hooks:\n  AfterInstall:\n${'  - location: x\n'.repeat(60_000)}`,
      /… and 59,950 more mistakes/
    ],
    [
      '100,000 keys',
      TOP + Array.from({ length: 100_000 }, (_, index) => `k${index}:\n`).join(''),
      /… and 99,950 more warnings/
    ],
    ['a key of a megabyte', `${TOP}? "${'k'.repeat(1_000_000)}"\n: 1\n`, /ignores the top-level key/],
    [
      'a long word that 80,000 mistakes quote',
      `${TOP}hooks:\n  ? "${'e'.repeat(500_000)}"\n  :\n${'  - a\n'.repeat(80_000)}`,
      /… and 79,950 more mistakes/
    ],
    ['nested brackets', `${TOP}files: ${'['.repeat(400_000)}`, /stack level too deep/],
    ['nested mappings', `${TOP}files: ${'{a: '.repeat(200_000)}`, /stack level too deep/],
    [
      'aliases of aliases',
      `${TOP}a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n`,
      /Unknown alias: a/
    ],
    [
      'nested merges',
      `${TOP}a: ${'{<<: '.repeat(900)}{${Array.from({ length: 80_000 }, (_, index) => `k${index}: 1`).join(', ')}}${'}'.repeat(900)}\n`,
      /too many pairs are merged by “<<”: more than 200000/
    ],
    [
      'many spaces in a path',
      `${TOP}hooks:\n  AfterInstall:\n  - location: "a${' '.repeat(900_000)}b"\n`,
      /The script a +… \(\d+ more characters\)/
    ],
    [
      'many slashes in a path',
      `${TOP}files:\n- source: "a${'/'.repeat(900_000)}b"\n  destination: "/${'/'.repeat(9)}x"\n`,
      /The source a\/+… \(\d+ more characters\)/
    ],
    [
      'many stars in a pattern',
      `${TOP}files: [{source: /, destination: /srv}]\npermissions:\n- object: /srv\n  pattern: "${'*a'.repeat(60)}*b"\n`,
      /Nothing that this deployment installs matches|would accept this bundle/
    ],
    [
      'the bundle installed 20,000 times',
      `${TOP}files:\n${Array.from({ length: 20_000 }, (_, index) => `- {source: /, destination: /d${index}}\n`).join('')}`,
      /Install would copy more than 500000 files and folders/
    ]
  ]

  test.each(cases)('%s', async (name, spec, expected) => {
    expect(Buffer.byteLength(spec)).toBeLessThan(MIB)
    const many = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`${'a'.repeat(200)}${index}`, 'x'])
    )
    const run = await preview(folderOf(name.replace(/\W/g, '-'), spec, many))
    expectBounded(run)
    expect(run.log).toMatch(expected)
    expect(run.log).not.toContain('a bug in this action')
  })

  test('folders that each link to the next twice are not copied 2³⁰ times', async () => {
    const source = folderOf('twice', `${TOP}files: [{source: d0, destination: /srv}]\n`)
    for (let depth = 0; depth < 30; depth += 1) {
      mkdirSync(join(folder, source, `d${depth}`))
      for (const name of ['l', 'm']) symlinkSync(`../d${depth + 1}`, join(folder, source, `d${depth}`, name))
    }
    mkdirSync(join(folder, source, 'd30'))
    writeFileSync(join(folder, source, 'd30/x'), '')
    const run = await preview(source)
    expectBounded(run)
    expect(errorsIn(run)).toContain('Install would copy more than 500000')
  })
})
