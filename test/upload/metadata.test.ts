import { describe, expect, test } from '@jest/globals'
import { bundleMetadata, contentType } from '../../src/upload/metadata.js'

const commit = 'c'.repeat(40)
const contentHash = 'f'.repeat(64)
const of = (subject?: string) => bundleMetadata({ commit, contentHash, subject })

describe('the metadata of a bundle', () => {
  const subjects: [name: string, subject: string][] = [
    ['plain', 'Fix the header'],
    ['not ASCII', 'Ändere 한글 \u{1f680}'],
    ['percent signs', '100 % of %41'],
    ['half a character', 'x\ud800y'],
    ['very long', 'ü'.repeat(5000)]
  ]
  test.each(subjects)('%s: in ASCII, within 1 KB, and read back', (_, subject) => {
    const metadata = of(subject)
    const text = Object.entries(metadata).flat().join('')
    expect(text).toMatch(/^[\x20-\x7e]*$/)
    expect(text.length).toBeLessThanOrEqual(1024)
    const read = decodeURIComponent(metadata['subject'] ?? '')
    expect(subject.toWellFormed().startsWith(read)).toBe(true)
    if (subject.length < 100) expect(read).toBe(subject.toWellFormed())
    else expect(read.length).toBeGreaterThan(100)
  })

  test('has no entry for a missing subject', () => {
    expect(of()).toEqual({ commit, 'content-sha256': contentHash })
  })

  test('comes with the content type of each bundle type', () => {
    expect((['zip', 'tgz', 'tar'] as const).map(contentType)).toEqual([
      'application/zip',
      'application/gzip',
      'application/x-tar'
    ])
  })
})
