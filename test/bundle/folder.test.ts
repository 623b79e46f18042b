import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { openFolder } from '../../src/bundle/folder.js'
import { plant, withTemporary, type Item } from './scene.js'

const open = (root: string, exclude: string[] = []) => openFolder(root, { exclude })

describe('listing', () => {
  const items: Item[] = [
    { path: 'z.txt', content: 'z' },
    { path: 'a', mode: 0o750 },
    { path: 'a/run.sh', content: '#!/bin/sh\n', mode: 0o755 },
    { path: 'a.txt', content: '12345', mode: 0o640 },
    { path: 'empty' },
    { path: 'link', link: 'a/run.sh' },
    { path: '.git/config', content: 'secret' },
    { path: 'logs/x.log', content: 'log' }
  ]

  test('gives entries in byte order, with modes, sizes and link targets', () =>
    withTemporary(async (root) => {
      plant(root, items)
      const { entries, files, bytes } = await open(root, ['logs/'])
      expect(
        entries.map(({ path, kind, mode, size, target }) => [
          path,
          kind,
          kind === 'symlink' ? 0 : mode,
          size,
          target
        ])
      ).toEqual([
        ['a', 'directory', 0o750, 0, undefined],
        ['a.txt', 'file', 0o640, 5, undefined],
        ['a/run.sh', 'file', 0o755, 10, undefined],
        ['empty', 'directory', 0o755, 0, undefined],
        ['link', 'symlink', 0, 0, 'a/run.sh'],
        ['z.txt', 'file', 0o644, 1, undefined]
      ])
      expect([files, bytes]).toEqual([3, 16])
    }))

  test('sorts four-byte characters by their bytes too', () =>
    withTemporary(async (root) => {
      plant(root, [
        { path: '\u{1f600}', content: '' },
        { path: '\uff01', content: '' },
        { path: 'é', content: '' }
      ])
      const { entries } = await open(root)
      expect(entries.map(({ path }) => path)).toEqual(['é', '\uff01', '\u{1f600}'])
    }))

  test('gives a view that reads a file or its start', () =>
    withTemporary(async (root) => {
      plant(root, [{ path: 'appspec.yml', content: 'version: 0.0\n' }])
      const { view } = await open(root)
      expect(String(await view.read('appspec.yml', 1_048_576))).toBe('version: 0.0\n')
      expect(String(await view.read('appspec.yml', 7))).toBe('version')
      await expect(view.read('gone', 1_048_576)).rejects.toThrow(
        'gone vanished while the bundle was being read.'
      )
    }))
})

describe('links', () => {
  const cases: [target: string, warned: boolean][] = [
    ['run.sh', false],
    ['../a/run.sh', false],
    ['../../outside', true],
    ['..', false],
    ['../..', true],
    ['/etc/passwd', true],
    ['nowhere', false]
  ]
  test.each(cases)('a/link -> %s: warning %s', (target, warned) =>
    withTemporary(async (root) => {
      plant(root, [{ path: 'a/link', link: target }])
      const { entries, findings } = await open(root)
      expect(entries.find(({ path }) => path === 'a/link')?.target).toBe(target)
      expect(findings.map(({ severity, file }) => [severity, file])).toEqual(
        warned ? [['warning', 'a/link']] : []
      )
    })
  )

  test('a loop of links is kept', () =>
    withTemporary(async (root) => {
      plant(root, [
        { path: 'a/up', link: '..' },
        { path: 'self', link: 'self' }
      ])
      const { entries } = await open(root)
      expect(entries.map(({ path }) => path)).toEqual(['a', 'a/up', 'self'])
    }))
})

test('warns about what unzip on the servers does not keep', () =>
  withTemporary(async (root) => {
    plant(root, [
      { path: 'bin/su', content: '', mode: 0o4755 },
      { path: 'tab\there', content: '' },
      { path: 'shared', mode: 0o2775 },
      { path: 'chunk;12', content: '' },
      { path: 'chunk;a', content: '' },
      { path: 'folder;1' }
    ])
    const { findings } = await open(root)
    expect(findings.map(({ file, message }) => [file, /drops/.test(message)])).toEqual([
      ['bin/su', true],
      ['chunk;12', true],
      ['tab\there', true]
    ])
  }))

describe('rejected by name', () => {
  test('a named pipe', () =>
    withTemporary(async (root) => {
      execFileSync('mkfifo', [join(root, 'pipe')])
      await expect(open(root)).rejects.toThrow(
        'pipe is a named pipe (FIFO), which an archive cannot contain.'
      )
      expect((await open(root, ['pipe'])).entries).toEqual([])
    }))

  test('a socket', () =>
    withTemporary(async (root) => {
      const server = createServer().listen(join(root, 'app.sock'))
      await new Promise((resolve) => server.once('listening', resolve))
      try {
        await expect(open(root)).rejects.toThrow('app.sock is a socket')
      } finally {
        server.close()
      }
    }))

  test('a name that is not UTF-8, but not one that contains a real U+FFFD', () =>
    withTemporary(async (root) => {
      plant(root, [{ path: 'odd \ufffd name', content: '' }])
      expect((await open(root)).entries).toHaveLength(1)
      mkdirSync(join(root, 'sub'))
      writeFileSync(Buffer.concat([Buffer.from(`${root}/sub/caf`), Buffer.from([0xe9])]), '')
      await expect(open(root)).rejects.toThrow('The name "caf\ufffd" in sub is not valid UTF-8.')
    }))

  test('a source that is not a folder', () =>
    withTemporary(async (root) => {
      plant(root, [{ path: 'file', content: '' }])
      await expect(open(join(root, 'file'))).rejects.toThrow('is not a folder')
      await expect(open(join(root, 'nothing'))).rejects.toThrow('does not exist')
    }))
})
