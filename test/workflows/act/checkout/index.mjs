// Started by act as a runner would start actions/checkout: inputs and places are in the environment.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const { CALLER_REPOSITORY, GITHUB_SHA, GITHUB_WORKSPACE, INPUT_REF } = process.env
// Without a `ref`, what the event is about.
const ref = INPUT_REF || GITHUB_SHA

if (process.env['INPUT_PERSIST-CREDENTIALS'] !== 'false') throw new Error('persist-credentials must be false')
const git = (...words) => execFileSync('git', ['-C', CALLER_REPOSITORY, ...words], { maxBuffer: 1 << 28 })
execFileSync('tar', ['-x', '-C', GITHUB_WORKSPACE], { input: git('archive', ref) })
mkdirSync(join(GITHUB_WORKSPACE, '.git'), { recursive: true })
writeFileSync(join(GITHUB_WORKSPACE, '.git/HEAD'), git('rev-parse', ref))
console.log(`checked out ${ref}`)
