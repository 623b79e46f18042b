import { expect, test } from '@jest/globals'
import { signature } from '../../src/report/signature.js'
import { zoneOf } from '../../src/report/times.js'

const at = '2026-11-27T18:40:12.000Z'

test.each([
  [
    { at, by: 'kim', run: '123', reason: '결제가 안 됨' },
    'Asia/Seoul',
    'kim in run 123 at 2026-11-28 03:40 (Asia/Seoul): "결제가 안 됨"'
  ],
  [{ at, by: 'kim', run: '123' }, 'UTC', 'kim in run 123 at 2026-11-27 18:40 (UTC)'],
  [{ at, by: 'kim' }, 'UTC', 'kim at 2026-11-27 18:40 (UTC)']
])('says who, when and why: %j in %s', (signed, zone, words) => {
  expect(signature(signed, zoneOf(zone))).toBe(words)
})
