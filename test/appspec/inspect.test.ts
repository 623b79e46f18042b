import { expect, test } from '@jest/globals'
import { inspect } from '../../src/appspec/judge.js'
import type { BundleEntry } from '../../src/domain/bundle.js'

test.each(['scripts/a.sh', './scripts/a.sh', '/scripts/a.sh', 'scripts//a.sh'])(
  'a hook at %s is the script that the bundle has',
  async (location) => {
    const spec = `version: 0.0\nos: linux\nhooks:\n  ValidateService:\n    - location: ${location}\n      timeout: 10\n`
    const entries: BundleEntry[] = [
      { kind: 'file', mode: 0o644, path: 'appspec.yml', size: spec.length },
      { kind: 'directory', mode: 0o755, path: 'scripts', size: 0 },
      { kind: 'file', mode: 0o755, path: 'scripts/a.sh', size: 2 }
    ]
    const read = (path: string) => Promise.resolve(Buffer.from(path === 'appspec.yml' ? spec : '#!'))
    const { hooks } = await inspect({ entries, read })
    expect(hooks).toEqual([{ event: 'ValidateService', script: 'scripts/a.sh', timeout: 10 }])
  }
)
