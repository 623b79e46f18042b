import { describe, expect, test } from '@jest/globals'
import { countOf, type Finding, gatherFindings } from '../../src/domain/bundle.js'
import { findingsJson, findingsSummary } from '../../src/report/findings.js'
import { jsonWithin } from '../../src/report/json.js'

const found = (severity: Finding['severity'], message: string): Finding => ({
  severity,
  file: 'appspec.yml',
  message
})

describe('the JSON of an output', () => {
  test('is complete when it fits', () => {
    expect(jsonWithin([1, 'a', { b: 2 }])).toEqual({ text: '[1,"a",{"b":2}]', kept: 3, left: 0 })
    expect(jsonWithin([]).text).toBe('[]')
  })

  test('consists of whole items when it does not fit', () => {
    const { text, kept, left } = jsonWithin(['aaaa', 'bbbb', 'cccc'], 18)
    expect([JSON.parse(text), kept, left]).toEqual([['aaaa', 'bbbb'], 2, 1])
  })

  test('of findings keeps the errors first and counts what it leaves out', () => {
    const many = Array.from({ length: 900 }, () => found('warning', 'w'.repeat(1_000)))
    const findings = [...many, found('error', 'the one mistake')]
    const text = findingsJson(findings)
    const kept = JSON.parse(text) as Finding[]
    expect(text.length).toBeLessThan(300_000)
    expect(kept[0]?.message).toBe('the one mistake')
    expect([countOf(kept, 'error'), countOf(kept, 'warning')]).toEqual([1, 900])
  })
})

test('findings stay within limits, however many and long they are', () => {
  const gathered = gatherFindings()
  for (let index = 0; index < 100_000; index += 1) gathered.add(found('error', 'x'.repeat(10_000)))
  const all = gathered.all()
  expect(all).toHaveLength(1_001)
  expect(countOf(all, 'error')).toBe(100_000)
  expect(all[0]?.message).toMatch(/^x{1500}… \(8500 more characters\)$/)
})

test('the summary shows a hundred findings, errors first', () => {
  const findings = [
    ...Array.from({ length: 99_999 }, () => found('warning', 'w')),
    found('error', '<'.repeat(2_000))
  ]
  const summary = findingsSummary(findings, { files: 1, bytes: 1 })
  expect(summary.length).toBeLessThan(100_000)
  expect(summary.split('\n').filter((line) => line.startsWith('| '))).toHaveLength(102)
  expect(summary).toContain('| ❌ |')
  expect(summary).toContain('… and 99,900 more')
})
