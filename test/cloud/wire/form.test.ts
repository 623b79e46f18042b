import { expect, test } from '@jest/globals'
import { parseForm } from './form.js'
import { toJson } from './json.js'
import { document } from './xml.js'

test.each([
  ['plain values', 'Action=A&Version=1&Name=x', { Name: 'x' }],
  ['members', 'Names.member.2=b&Names.member.1=a', { Names: ['a', 'b'] }],
  ['members of more than nine', 'N.member.10=j&N.member.9=i', { N: ['i', 'j'] }],
  [
    'structures in members',
    'Tags.member.1.Key=k&Tags.member.1.Value=v',
    { Tags: [{ Key: 'k', Value: 'v' }] }
  ],
  [
    'lists in the form of EC2',
    'InstanceId.1=i-1&Filter.1.Name=n&Filter.1.Value.1=v',
    { InstanceId: ['i-1'], Filter: [{ Name: 'n', Value: ['v'] }] }
  ],
  ['structures', 'A.B=1&A.C.D=2', { A: { B: '1', C: { D: '2' } } }]
])('a form with %s', (_name, form, expected) => {
  expect(parseForm(new URLSearchParams(form))).toEqual(expected)
})

test('XML leaves out missing values, escapes, and wraps lists as the protocol requires', () => {
  const value = { a: undefined, b: '<&>"\u0001', c: [1, { d: true }], e: new Date(0), f: [] }
  const body = (style: 'flat' | 'member' | 'item'): string =>
    document('R', 'ns', value, style).split('\n')[1] ?? ''
  expect(body('flat')).toBe(
    '<R xmlns="ns"><b>&lt;&amp;&gt;&quot;</b><c>1</c><c><d>true</d></c><e>1970-01-01T00:00:00.000Z</e></R>'
  )
  expect(body('member')).toContain('<c><member>1</member><member><d>true</d></member></c>')
  expect(body('item')).toContain('<f></f>')
})

test('JSON has times as seconds and no null members', () => {
  expect(toJson({ at: new Date(1500), none: null, deep: { also: null, kept: 0 } })).toBe(
    '{"at":1.5,"deep":{"kept":0}}'
  )
})
