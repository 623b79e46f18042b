import { describe, expect, test } from '@jest/globals'
import { defaultOptions, parseOptions } from '../options.js'

describe('the command line of the cloud', () => {
  test('has a default for everything', () => {
    expect(parseOptions([])).toEqual({ cloud: { ...defaultOptions, previews: true }, help: false })
  })

  test('makes no place for previews in an empty account', () => {
    expect(parseOptions(['--empty']).cloud).toEqual({ ...defaultOptions, empty: true })
  })

  test('sets the given options', () => {
    const line =
      '--env-file /x --instances 3 --time-scale 0.5 --termination-wait 0 --fault PutObject:hang --fault *:throttle:2 --switch subject=names-and-ids --page-size 1 --in-place --fixed-fleets tags --scripted --credentials-seconds 900 --trust-subject repo:* --github-permission deployments=none --github-permission contents=read'
    expect(parseOptions(line.split(' '))).toMatchObject({
      envFile: '/x',
      cloud: {
        instances: 3,
        timeScale: 0.5,
        terminationWait: 0,
        faults: ['PutObject:hang', '*:throttle:2'],
        switches: { subject: 'names-and-ids', trafficOrder: 'barrier' },
        pageSize: 1,
        inPlace: true,
        fixedFleets: 'tags',
        scripted: true,
        credentialsSeconds: 900,
        trustSubjects: ['repo:*'],
        githubPermissions: { deployments: undefined, contents: 'read' }
      }
    })
  })

  test.each([
    [['--instances', '0'], '--instances "0"'],
    [['--instances', '1.5'], '--instances "1.5"'],
    [['--time-scale', 'fast'], '--time-scale "fast"'],
    [['--termination-wait', '-1'], 'termination-wait'],
    [['--fault', 'PutObject:explode'], '"explode"'],
    [['--switch', 'colour=red'], '"colour"'],
    [['--switch', 'subject=red'], '"red"'],
    [['--github-permission', 'deployments=all'], '"all"'],
    [['--fixed-fleets', 'three'], '"three"'],
    [['--nonsense'], '--nonsense'],
    [['stray'], 'stray']
  ])('%j is refused with the reason', (argv, words) => {
    expect(() => parseOptions(argv)).toThrow(words)
  })
})
