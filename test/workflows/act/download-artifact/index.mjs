// Started by act as a runner would start actions/download-artifact: inputs and places are in the environment.
import { cpSync } from 'node:fs'
import { join } from 'node:path'

const { ARTIFACTS, GITHUB_WORKSPACE, INPUT_NAME } = process.env

cpSync(join(ARTIFACTS, INPUT_NAME), GITHUB_WORKSPACE, { recursive: true })
console.log(`downloaded ${INPUT_NAME}`)
