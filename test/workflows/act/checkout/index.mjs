// Started by act as a runner would start actions/checkout: inputs and places are in the environment.
import { execFileSync } from 'node:child_process'

const { CALLER_REPOSITORY, GITHUB_WORKSPACE, INPUT_REF } = process.env

if (process.env['INPUT_PERSIST-CREDENTIALS'] !== 'false') throw new Error('persist-credentials must be false')
const archive = execFileSync('git', ['-C', CALLER_REPOSITORY, 'archive', INPUT_REF], { maxBuffer: 1 << 28 })
execFileSync('tar', ['-x', '-C', GITHUB_WORKSPACE], { input: archive })
console.log(`checked out ${INPUT_REF}`)
