import { describe, expect, test } from '@jest/globals'
import { fileOf, lineOf, scriptWord, withoutArchive } from '../../src/report/script.js'
import { sha } from '../fakes/nouns.js'

const ARCHIVE = '/opt/codedeploy-agent/deployment-root/7c9e/d-ABC/deployment-archive/'
const repository = { serverUrl: 'https://github.com', name: 'example-org/shop' }
const failed = (scriptName: string, logTail = '') => ({
  name: 'ValidateService',
  status: 'Failed',
  diagnostics: { errorCode: 'ScriptFailed', scriptName, message: '', logTail }
})
const filesOf = (...paths: [string, string][]) => ({ commit: sha('a'), paths: new Map(paths) })

describe('the script of a failed event', () => {
  test('leads to the line that its shell complained of, at the commit that was bundled', () => {
    const event = failed('scripts/validate.sh', `[stderr]${ARCHIVE}scripts/validate.sh: line 12: [: too many`)
    expect(
      scriptWord(event, { repository, scripts: filesOf(['scripts/validate.sh', 'app/scripts/validate.sh']) })
    ).toBe(
      ` in <a href="https://github.com/example-org/shop/blob/${sha('a')}/app/scripts/validate.sh#L12"><code>scripts/validate.sh</code> line 12</a>`
    )
  })

  test.each([
    ['in a repository of unknown name', { scripts: filesOf(['a.sh', 'a.sh']) }],
    ['that the repository does not have', { repository, scripts: filesOf() }],
    ['of a bundle from elsewhere', { repository }]
  ])('%s, it is only named', (_, known) => {
    expect(scriptWord(failed(`${ARCHIVE}a.sh`), known)).toBe(' in <code>a.sh</code>')
  })

  test('with syntax and 한글 in its path has an address without syntax', () => {
    const path = 'ops/점검 "1" <b>?#.sh'
    const word = scriptWord(failed(path), { repository, scripts: filesOf([path, path]) })
    const address = /<a href="([^"]*)">/.exec(word)?.[1] ?? ''
    expect(address).toMatch(/^[\w:/.%-]+$/)
    expect(decodeURIComponent(address)).toBe(`https://github.com/example-org/shop/blob/${sha('a')}/${path}`)
    expect(word).not.toContain('<b>')
  })

  test('is not named where the agent named none', () => {
    expect(scriptWord({ name: 'Install', status: 'Failed' }, { repository })).toBe('')
  })
})

test.each([
  ['scripts/a.sh', 'app', 'app/scripts/a.sh'],
  ['./scripts//a.sh', './app/', 'app/scripts/a.sh'],
  ['scripts/a.sh', '.', 'scripts/a.sh'],
  ['../a.sh', 'app', undefined],
  ['a.sh', '/srv/app', undefined],
  ['a.sh', undefined, undefined],
  ['', 'app', undefined]
])('the script %j of the bundled folder %j is %j in the workspace', (name, source, path) => {
  expect(fileOf(name, source)).toBe(path)
})

test.each([
  ['bash', 'x\na.sh: line 3: nope\na.sh: line 12: nope\n', 12],
  ['dash', 'a.sh: 7: nope\n', 7],
  ['another script', 'ba_sh: 7: nope\n', undefined],
  ['no number', 'a.sh: nope\n', undefined],
  ['line 0', 'a.sh: line 0: nope', undefined]
])('the line that a shell complained of: %s', (_, logTail, line) => {
  expect(lineOf('a.sh', logTail)).toBe(line)
})

test('paths on a server are those in the bundle', () => {
  expect(withoutArchive(`${ARCHIVE}scripts/a.sh: not found, ${ARCHIVE}b`)).toBe('scripts/a.sh: not found, b')
})
