import { describe, expect, test } from '@jest/globals'
import { commitUrl, compareUrl, deploymentUrl } from '../../src/report/console-link.js'
import { fit } from '../../src/report/markdown.js'
import { painter, statusColor } from '../../src/report/style.js'
import { between, bytesText, duration, roughly } from '../../src/report/units.js'
import { at } from '../fakes/clock.js'
import { NEW, OLD } from '../fakes/endings.js'

const HOUR = 3_600_000

describe('durations', () => {
  test.each([
    [0, '0.0 s'],
    [3_240, '3.2 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_599_600, '1 h 00 min'],
    [8 * HOUR + 14 * 60_000, '8 h 14 min'],
    [109 * HOUR, '109 h 00 min'],
    [-5_000, '0.0 s'],
    [Number.NaN, '0.0 s']
  ])('%d ms is %j', (ms, expected) => {
    expect(duration(ms)).toBe(expected)
  })

  test.each([
    [20_000, 'less than 1 min'],
    [5 * 60_000, '5 min'],
    [8 * HOUR, '8 h'],
    [8 * HOUR + 14 * 60_000, '8 h 14 min']
  ])('%d ms is roughly %j', (ms, expected) => {
    expect(roughly(ms)).toBe(expected)
  })

  test('two clocks that disagree give no negative time', () => {
    expect(between(at(10), at(5))).toBe(0)
    expect(between(at(0), undefined)).toBeUndefined()
  })
})

describe('links', () => {
  test.each([
    [
      'ap-northeast-2',
      'https://ap-northeast-2.console.aws.amazon.com/codesuite/codedeploy/deployments/d-A?region=ap-northeast-2'
    ],
    [
      'cn-north-1',
      'https://cn-north-1.console.amazonaws.cn/codesuite/codedeploy/deployments/d-A?region=cn-north-1'
    ],
    [
      'us-gov-west-1',
      'https://us-gov-west-1.console.amazonaws-us-gov.com/codesuite/codedeploy/deployments/d-A?region=us-gov-west-1'
    ],
    ['us-iso-east-1', undefined]
  ])('the console of %s is %s', (region, url) => {
    expect(deploymentUrl(region, 'd-A')).toBe(url)
  })

  const repository = { serverUrl: 'https://git.example.com', name: 'a/b' }
  test('commits and comparisons link to the server of the repository', () => {
    expect(commitUrl(repository, NEW)).toBe(`https://git.example.com/a/b/commit/${NEW}`)
    expect(compareUrl(repository, OLD, NEW)).toBe(`https://git.example.com/a/b/compare/${OLD}...${NEW}`)
  })
  test.each([
    ['no repository', undefined, OLD, NEW],
    ['nothing before', repository, undefined, NEW],
    ['the same commit', repository, NEW, NEW],
    ['not a commit', repository, 's3://bucket/key', NEW]
  ])('%s: nothing to compare', (_, its, from, to) => {
    expect(compareUrl(its, from, to)).toBeUndefined()
  })
})

describe('colors, sizes and limits', () => {
  test('colors appear only when enabled', () => {
    expect(painter(true)('ok', 'green')).toBe('\u001b[32mok\u001b[0m')
    expect(painter(false)('ok', 'green')).toBe('ok')
    expect(painter(true)('ok', statusColor('WordOfTomorrow'))).toBe('ok')
  })

  test.each([
    [0, '0 bytes'],
    [812, '812 bytes'],
    [1024, '1.0 KiB'],
    [4_812_345, '4.6 MiB'],
    [6 * 1024 ** 3, '6.0 GiB']
  ])('%d bytes are %j', (bytes, expected) => {
    expect(bytesText(bytes)).toBe(expected)
  })

  test('a summary over the limit in bytes is cut between blocks', () => {
    const blocks = ['가'.repeat(100), '나'.repeat(100), '다'.repeat(100)]
    const text = fit(blocks, 800)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(800)
    expect(text.startsWith(`${blocks[0] ?? ''}\n\n${blocks[1] ?? ''}\n\n_The rest is omitted`)).toBe(true)
    expect(fit(['a', '', 'b'])).toBe('a\n\nb\n')
  })
})
