import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { appspec, deploy, openYard, order, tar } from './fixture.js'
import { viewRefusal } from './view-host.js'

const refusal = await viewRefusal()
const views = [
  {
    view: 'on' as const,
    where: refusal === undefined ? 'in its own view' : `in its own view (not here: ${refusal})`
  },
  { view: 'off' as const, where: 'without an own view' }
]

/** A daemon that leaves its hook, its session and its process group, and listens on the machine's port. */
const daemon = (file = '"$INSTANCE_ROOT/tmp/daemon.mjs"') =>
  `#!/bin/sh
cat > ${file} <<'END'
import { createServer } from 'node:net'
createServer().listen(Number(process.env.PORT), '127.0.0.1')
END
node -e 'require("child_process").spawn(process.execPath, [process.argv[1]], { detached: true, stdio: "ignore" }).unref()' ${file}
`

/** Checked by connecting: a check that listens would take the port from the daemon that is about to use it. */
const isServed = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

const until = async (holds: () => Promise<boolean>): Promise<boolean> => {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await holds()) return true
    await sleep(100)
  }
  return false
}

describe.each(views)('a machine $where', ({ view }) => {
  const story = view === 'on' && refusal !== undefined ? test.skip : test

  story('ends its daemons and removes its folder when it is terminated', async () => {
    const yard = openYard(view)
    const machine = yard.fleet.launch({ instanceId: 'i-gone', tags: {} })
    await machine.booted
    const { port } = machine.address
    const revision = yard.put(
      'k',
      tar({ 'appspec.yml': appspec('ApplicationStart', 's.sh'), 's.sh': daemon() })
    )
    expect(await deploy(machine, order('', { revision }))).toMatchObject({ errorCode: 'Success' })
    expect(await until(() => isServed(port))).toBe(true)
    await machine.terminate()
    expect(await isServed(port)).toBe(false)
    expect(existsSync(path.join(yard.scratch, 'instances/i-gone'))).toBe(false)
    await expect(machine.run(order('Install', { revision }))).rejects.toThrow(
      'agent on i-gone does not answer'
    )
    await yard.close()
  })

  story('ends a running hook when it is terminated', async () => {
    const yard = openYard(view)
    const machine = yard.fleet.launch({ instanceId: 'i-cut', tags: {} })
    const tree = {
      'appspec.yml': appspec('BeforeInstall', 's.sh'),
      's.sh': 'touch "$INSTANCE_ROOT/tmp/up"\nsleep 300\n'
    }
    const revision = yard.put('k', tar(tree))
    const running = deploy(machine, order('', { revision }))
    const up = path.join(yard.scratch, 'instances/i-cut/root/tmp/up')
    expect(await until(() => Promise.resolve(existsSync(up)))).toBe(true)
    const [ended] = await Promise.allSettled([running, machine.terminate()])
    expect(ended).toMatchObject({ status: 'rejected', reason: new Error('i-cut was terminated') })
    await yard.close()
  })

  story('does not outlive a cloud that is killed', async () => {
    const scratch = mkdtempSync(path.join(os.tmpdir(), 'killed-'))
    const fixture = fileURLToPath(new URL('fixture.ts', import.meta.url))
    const tree = { 'appspec.yml': appspec('ApplicationStart', 's.sh'), 's.sh': daemon() }
    const program = `
      import { writeFileSync } from 'node:fs'
      import { deploy, openYard, order, tar } from ${JSON.stringify(fixture)}
      const yard = openYard(${JSON.stringify(view)})
      const machine = yard.fleet.launch({ instanceId: 'i-left', tags: {} })
      const revision = yard.put('k', tar(${JSON.stringify(tree)}))
      await deploy(machine, order('', { revision }))
      writeFileSync(${JSON.stringify(path.join(scratch, 'port'))}, String(machine.address.port) + ' ' + yard.scratch)
      setInterval(() => undefined, 1000)
    `
    writeFileSync(path.join(scratch, 'cloud.mts'), program)
    const cloud = spawn(process.execPath, ['--import', 'tsx', path.join(scratch, 'cloud.mts')], {
      stdio: 'inherit'
    })
    const exited = once(cloud, 'exit')
    try {
      expect(await until(() => Promise.resolve(existsSync(path.join(scratch, 'port'))))).toBe(true)
      const [port = '', left = ''] = readFileSync(path.join(scratch, 'port'), 'utf8').split(' ')
      expect(await until(() => isServed(Number(port)))).toBe(true)
      cloud.kill('SIGKILL')
      await exited
      expect(await until(async () => !(await isServed(Number(port))))).toBe(true)
      rmSync(left, { recursive: true, force: true })
    } finally {
      cloud.kill('SIGKILL')
      await exited
      rmSync(scratch, { recursive: true, force: true })
    }
  })
})

test('a machine boots by the clock, unless it is terminated first', async () => {
  const yard = openYard('off', 3600)
  const machine = yard.fleet.launch({ instanceId: 'i-early', tags: {} })
  await machine.terminate()
  await expect(machine.booted).rejects.toThrow('i-early was terminated')
  expect(readdirSync(path.join(yard.scratch, 'instances'))).toEqual([])
  await yard.close()
})

test('a silenced agent does not answer', async () => {
  const yard = openYard('off')
  const machine = yard.fleet.launch({ instanceId: 'i-mute', tags: {} })
  machine.agentAlive = false
  const revision = { bucket: 'b', key: 'k', bundleType: 'zip' }
  await expect(machine.run(order('Install', { revision }))).rejects.toThrow('does not answer')
  await yard.close()
})
