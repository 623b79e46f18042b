import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  deploymentGroupArn,
  environmentName,
  hostFor,
  isOf,
  numberIn,
  pullIn,
  tagsOf
} from '../../src/domain/preview/environment.js'

const OWNER = { repository: 'example-org/shop', application: 'shop' }
const OTHERS = [
  { repository: 'example-org/other', application: 'shop' },
  { repository: 'example-org/shop', application: 'blog' },
  // The same characters in another order of parts.
  { repository: 'example-org', application: 'shop\nshop' }
]

describe('the name of an environment', () => {
  test('stays the same from run to run, since everything is found again by it', () => {
    expect(environmentName(7, OWNER)).toBe('pr-7-2756267c8f')
  })

  test.each(OTHERS)('differs for $repository, $application', (owner) => {
    expect(environmentName(7, owner)).not.toBe(environmentName(7, OWNER))
  })

  test('is one that target groups may have, and says its number, for every pull request', () => {
    const owner = fc.record({ repository: fc.string({ minLength: 1 }), application: fc.string() })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999_999_999 }), owner, (number, its) => {
        const name = environmentName(number, its)
        expect(name).toMatch(/^(?!-|internal-)[a-zA-Z0-9-]{1,32}(?<!-)$/)
        expect(numberIn(name, its)).toBe(number)
      })
    )
  })

  test.each([
    ['of another owner', environmentName(7, { ...OWNER, application: 'blog' })],
    ['with a number that begins with 0', 'pr-07-2756267c8f'],
    ['with number 0', 'pr-0-2756267c8f'],
    ['with something before it', 'x-pr-7-2756267c8f'],
    ['with something after it', 'pr-7-2756267c8f-x'],
    ['without a hash', 'pr-7'],
    ['with a number that GitHub never gives', 'pr-12345678901-2756267c8f'],
    ['that is empty', '']
  ])('a name %s is none', (_, name) => expect(numberIn(name, OWNER)).toBeUndefined())
})

describe('the tags of an environment', () => {
  test('name repository, application and pull request', () => {
    expect(tagsOf(7, OWNER)).toEqual({
      PreviewRepository: 'example-org/shop',
      PreviewApplication: 'shop',
      PreviewPullRequest: '7'
    })
  })

  test('may have others beside them', () => {
    const tags = { ...tagsOf(7, OWNER), Name: 'x' }
    expect([isOf(tags, 7, OWNER), pullIn(tags, OWNER)]).toEqual([true, 7])
  })

  test.each<[string, Record<string, string>]>([
    ['none', {}],
    ...OTHERS.map((owner): [string, Record<string, string>] => [JSON.stringify(owner), tagsOf(7, owner)]),
    ...['PreviewRepository', 'PreviewApplication', 'PreviewPullRequest'].map(
      (missing): [string, Record<string, string>] => [
        `all but ${missing}`,
        Object.fromEntries(Object.entries(tagsOf(7, OWNER)).filter(([key]) => key !== missing))
      ]
    ),
    ['the number in another form', { ...tagsOf(7, OWNER), PreviewPullRequest: '07' }],
    ['a number with a fraction', { ...tagsOf(7, OWNER), PreviewPullRequest: '7.5' }],
    ['a word for a number', { ...tagsOf(7, OWNER), PreviewPullRequest: 'seven' }],
    ['no number', { ...tagsOf(7, OWNER), PreviewPullRequest: '' }],
    ['number 0', tagsOf(0, OWNER)],
    ['a negative number', tagsOf(-7, OWNER)]
  ])('%s make something foreign', (_, tags) => {
    expect([isOf(tags, 7, OWNER), pullIn(tags, OWNER)]).toEqual([false, undefined])
  })

  test('of another pull request belong to that one', () => {
    expect([isOf(tagsOf(8, OWNER), 7, OWNER), pullIn(tagsOf(8, OWNER), OWNER)]).toEqual([false, 8])
  })
})

test.each([
  ['pr-{number}.preview.example.com', 7, 'pr-7.preview.example.com'],
  ['PR-{number}.Preview.Example.com', 12, 'pr-12.preview.example.com'],
  ['{number}.{number}.example.com', 3, '3.3.example.com']
])('the host of %s for #%i is %s', (pattern, number, host) => expect(hostFor(pattern, number)).toBe(host))

test.each([
  [
    'arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/p/1/2',
    'arn:aws:codedeploy:us-east-1:111122223333:deploymentgroup:shop-previews/pr-7'
  ],
  [
    'arn:aws-cn:elasticloadbalancing:us-east-1:444455556666:listener/app/p/1/2',
    'arn:aws-cn:codedeploy:us-east-1:444455556666:deploymentgroup:shop-previews/pr-7'
  ]
])('a deployment group is in the account and partition of the listener %s', (listener, arn) => {
  const group = { application: 'shop-previews', group: 'pr-7' }
  expect(deploymentGroupArn(group, { region: 'us-east-1', listener })).toBe(arn)
})
