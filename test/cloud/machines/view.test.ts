import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Machine } from '../contract.js'
import { deploy, openYard, order, tar } from './fixture.js'
import type { Tree, Yard } from './fixture.js'
import { locate } from './root.js'
import { viewRefusal } from './view-host.js'

const refusal = await viewRefusal()
const where = refusal === undefined ? '' : ` (not here: ${refusal})`
const inView = refusal === undefined ? describe : describe.skip

inView(`a machine with a view of its own${where}`, () => {
  let yard: Yard
  let machine: Machine
  let count = 0
  beforeAll(async () => {
    yard = openYard('on')
    machine = yard.fleet.launch({ instanceId: 'i-view', tags: {} })
    await machine.booted
  })
  afterAll(() => yard.close())

  const onMachine = (file: string) => path.join(yard.scratch, 'instances/i-view/root', file)
  const run = (files: string, script: string, more: Tree = {}) => {
    count += 1
    const spec = `version: 0.0\nos: linux\n${files}hooks:\n  AfterInstall:\n    - location: s.sh\n      timeout: 20\n`
    const bundle = tar({ 'appspec.yml': spec, 's.sh': `#!/bin/sh\n${script}\n`, ...more })
    return deploy(machine, order('', { revision: yard.put(`k${count}`, bundle), deploymentId: `d-${count}` }))
  }
  const succeeded = { errorCode: 'Success' }

  test('hooks find installed files by absolute paths, also in new top-level folders, /etc and /usr', async () => {
    const places = ['/app', '/etc/shop', '/var/www', '/usr/share/nginx/html', '/usr/local/lib/shop']
    const files = `files:\n${places.map((place) => `  - {source: a.txt, destination: ${place}}\n`).join('')}`
    // A first look must not make the machine cache that nothing is there.
    await run('', 'ls /usr/share/nginx/html /app >/dev/null 2>&1; true')
    const check = places.map((place) => `[ "$(cat ${place}/a.txt)" = here ] || exit 4`).join('\n')
    const result = await run(files, `${check}\necho more > /app/b.txt`, { 'a.txt': 'here' })
    expect(result).toMatchObject(succeeded)
    expect(readFileSync(onMachine('app/b.txt'), 'utf8')).toBe('more\n')
    expect(readFileSync(onMachine('usr/share/nginx/html/a.txt'), 'utf8')).toBe('here')
    expect(existsSync('/app/b.txt') || existsSync('/usr/local/lib/shop') || existsSync('/etc/shop')).toBe(
      false
    )
  })

  test('hooks find the usual programs and devices and their own /tmp, but nothing of the host', async () => {
    const script = [
      'set -eu',
      '[ -z "$INSTANCE_ROOT" ]',
      'node --version >/dev/null; awk "BEGIN { exit 0 }"; id -u >/dev/null; [ "$HOME" = /root ]; cd; date >/dev/null',
      'head -c 8 /dev/urandom >/dev/null; echo x > /dev/null; echo x > /tmp/mine; echo x > /dev/shm/mine',
      `[ ! -e ${yard.scratch} ]`,
      `[ ! -e ${import.meta.dirname} ]`,
      'getent hosts localhost >/dev/null 2>&1 || grep -q localhost /etc/hosts'
    ].join('\n')
    expect(await run('', script)).toMatchObject(succeeded)
    expect(existsSync(onMachine('tmp/mine'))).toBe(true)
  })

  test("what a hook does to the host's programs stays on the machine", async () => {
    await run('', 'rm -f /usr/bin/env; echo broken > /usr/bin/id; touch /etc/passwd-gone; true')
    expect(existsSync('/usr/bin/env')).toBe(true)
    expect(readFileSync('/usr/bin/id').length).toBeGreaterThan(100)
    expect(existsSync('/etc/passwd-gone')).toBe(false)
  })
})

test('no path leads out of a machine', () => {
  expect(locate('/machine', '/a/../../../etc/./x')).toBe('/machine/etc/x')
  expect(locate('/proc/self', '/../..')).toBe('/proc/self')
})
