// Takes the place of dist/index.js to show what reached it: prints its inputs and its workspace, and sets every output to its own name.
import { appendFileSync, readdirSync } from 'node:fs'

const inputs = Object.entries(process.env).filter(([name]) => name.startsWith('INPUT_'))
console.log(`inputs ${JSON.stringify(Object.fromEntries(inputs))}`)
console.log(`workspace ${readdirSync(process.env.GITHUB_WORKSPACE).join(' ')}`)
for (const name of process.env.OUTPUT_NAMES.split(' '))
  appendFileSync(process.env.GITHUB_OUTPUT, `${name}=${name}\n`)
