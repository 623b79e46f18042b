import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  freePriority,
  type ListenerRule,
  rulesFor,
  takes,
  thiefOf
} from '../../src/domain/preview/routing.js'
import { UserError } from '../../src/errors.js'

const HOST = 'pr-7.preview.example.com'

const rule = (priority: number | undefined, members: Partial<ListenerRule> = {}): ListenerRule => ({
  ...{ arn: `rule/${priority ?? 'default'}`, priority, hosts: ['www.example.com'], onlyHosts: true },
  targetGroups: ['tg/web'],
  ...members
})

const DEFAULT = rule(undefined, { hosts: [] })
const everyHost = (priority: number): ListenerRule => rule(priority, { hosts: [], onlyHosts: false })

describe('a rule takes a host', () => {
  test.each<[string[], string, boolean]>([
    [[HOST], HOST, true],
    [['PR-7.Preview.example.COM'], HOST, true],
    [['*.preview.example.com'], HOST, true],
    [['*'], HOST, true],
    [['pr-?.preview.example.com'], HOST, true],
    [['pr-??.preview.example.com'], HOST, false],
    [['pr-?.preview.example.com'], 'pr-.preview.example.com', false],
    [['pr-*.preview.example.com'], 'pr-.preview.example.com', true],
    [['*.example.com'], HOST, true],
    [['*.preview.example.com'], 'preview.example.com', false],
    [['preview.example.com'], HOST, false],
    [['r-7.preview.example.com'], HOST, false],
    [['pr-7.preview.example.co'], HOST, false],
    // A dot is a dot.
    [['pr-7xpreview.example.com'], HOST, false],
    [['pr-7.preview.example.com'], 'pr-7xpreview.example.com', false],
    [['a.example.com', 'b.example.com', 'pr-7.*'], HOST, true],
    [['a.example.com', 'b.example.com'], HOST, false],
    [[], HOST, true]
  ])('%j, %s: %s', (hosts, host, expected) => {
    expect(takes(rule(1, { hosts }), host)).toBe(expected)
  })

  test('whatever characters are in its pattern', () => {
    fc.assert(
      fc.property(fc.string(), (pattern) => {
        expect(takes(rule(1, { hosts: [pattern] }), pattern.toLowerCase().replaceAll('?', 'x'))).toBe(true)
      })
    )
  })
})

describe('the rules for a host and a target group', () => {
  const own = (priority: number, members: Partial<ListenerRule> = {}): ListenerRule =>
    rule(priority, { hosts: [HOST], targetGroups: ['tg/own'], ...members })
  const found = (...rules: ListenerRule[]): (number | undefined)[] =>
    rulesFor(rules, { host: HOST, targetGroup: 'tg/own' }).map(({ priority }) => priority)

  test('come in the order in which they are asked', () => {
    expect(found(DEFAULT, own(12), own(3), own(100))).toEqual([3, 12, 100])
  })

  test('may be written in capitals, or send a part elsewhere', () => {
    expect(
      found(own(1, { hosts: [HOST.toUpperCase()] }), own(2, { targetGroups: ['tg/own', 'tg/x'] }))
    ).toEqual([1, 2])
  })

  test.each<[string, ListenerRule]>([
    ['another target group', own(1, { targetGroups: ['tg/former'] })],
    ['no target group', own(1, { targetGroups: [] })],
    ['another host', own(1, { hosts: ['pr-8.preview.example.com'] })],
    ['another host, too', own(1, { hosts: [HOST, 'pr-8.preview.example.com'] })],
    ['a wildcard', own(1, { hosts: ['*.preview.example.com'] })],
    ['every host', own(1, { hosts: [] })],
    ['another condition', own(1, { onlyHosts: false })],
    ['no priority', { ...own(1), priority: undefined }]
  ])('are not those with %s', (_, one) => expect(found(one)).toEqual([]))
})

describe('the thief of a host', () => {
  const wanted = { host: HOST, priority: 10 }

  test('is the first rule before it that takes the host', () => {
    const rules = [DEFAULT, rule(7, { hosts: ['*.example.com'] }), everyHost(3), rule(1)]
    expect(thiefOf(rules, wanted)?.priority).toBe(3)
  })

  test.each<[string, ListenerRule]>([
    ['the default rule', DEFAULT],
    ['a rule after it', everyHost(11)],
    ['the rule itself', everyHost(10)],
    ['a rule for another host', rule(1)]
  ])('is not %s', (_, one) => expect(thiefOf([one], wanted)).toBeUndefined())
})

describe('the free priority', () => {
  test.each<[string, ListenerRule[], number]>([
    ['of an empty listener', [], 1],
    ['beside the default rule', [DEFAULT], 1],
    ['after rules for other hosts', [DEFAULT, rule(1), rule(2)], 3],
    ['in a gap', [rule(1), rule(3)], 2],
    ['before a rule for every host', [rule(1), everyHost(3)], 2],
    ['before the preview of another pull request', [rule(2, { hosts: ['pr-8.preview.example.com'] })], 1]
  ])('%s', (_, rules, expected) => expect(freePriority(rules, HOST)).toBe(expected))

  test.each<[string, ListenerRule, string]>([
    ['every host', everyHost(1), "the listener's rule 1 takes requests for every host"],
    [
      'hosts with wildcards',
      rule(1, { hosts: ['www.example.com', '*.preview.example.com'] }),
      "the listener's rule 1 takes requests for www.example.com, *.preview.example.com"
    ],
    [
      'the same host, to somebody else',
      rule(1, { hosts: [HOST] }),
      `the listener's rule 1 takes requests for ${HOST}`
    ]
  ])('is refused behind a rule for %s', (_, thief, words) => {
    const asked = (): number => freePriority([DEFAULT, thief, rule(2)], HOST)
    expect(asked).toThrow(UserError)
    expect(asked).toThrow(`No rule for ${HOST} can be made: ${words} and comes before every free number`)
  })

  const full = Array.from({ length: 50_000 }, (_, at) => rule(at + 1))

  test('ends at 50,000', () => {
    expect(freePriority(full.slice(0, -1), HOST)).toBe(50_000)
    expect(() => freePriority(full, HOST)).toThrow('the listener has no free priority')
  })

  test('is always free, the lowest, and comes before all that take the host', () => {
    const rules = fc.array(
      fc
        .record({
          priority: fc.integer({ min: 1, max: 12 }),
          hosts: fc.constantFrom([], [HOST], ['*.example.com'], ['www.example.com'], ['shop.example.com'])
        })
        .map(({ priority, hosts }) => rule(priority, { hosts })),
      { maxLength: 12 }
    )
    fc.assert(
      fc.property(rules, (all) => {
        const used = all.map(({ priority }) => priority)
        const free = Array.from({ length: 13 }, (_, at) => at + 1).find((one) => !used.includes(one))
        const isStolen = all.some((one) => (one.priority ?? 0) < (free ?? 0) && takes(one, HOST))
        if (isStolen) expect(() => freePriority(all, HOST)).toThrow(UserError)
        else expect(freePriority(all, HOST)).toBe(free)
      })
    )
  })
})
