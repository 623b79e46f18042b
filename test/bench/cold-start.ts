import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median } from './measure.js'

/** Medians in milliseconds. */
export interface ColdStart {
  /** Node with an almost empty program. */
  bareNode: number
  /** The first line of a bundle that contains only @actions/core. */
  coreOnly: number
  /** The first line of the action. */
  action: number
}

/** Milliseconds until a program first writes anything. */
const untilFirstLine = (args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'], INPUT_COMMAND: 'deploy' }
    })
    let first: number | undefined
    child.stdout.once('data', () => {
      first = performance.now() - startedAt
      child.kill()
    })
    child.on('error', reject)
    child.on('close', () => {
      if (first === undefined) reject(new Error(`${args.join(' ')} wrote nothing.`))
      else resolve(first)
    })
  })

/** Built once, with the tool that builds the action. */
const coreOnly = (root: string, scratch: string): string => {
  const dist = join(scratch, 'core-only', 'dist', 'index.js')
  if (existsSync(dist)) return dist
  const folder = join(scratch, 'core-only')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'index.js'), "import { info } from '@actions/core'\ninfo('started')\n")
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/@vercel/ncc/dist/ncc/cli.js'),
      'build',
      join(folder, 'index.js'),
      '-o',
      join(folder, 'dist')
    ],
    { stdio: 'ignore' }
  )
  return dist
}

export const coldStart = async (place: {
  root: string
  scratch: string
  runs: number
}): Promise<ColdStart> => {
  const programs = {
    bareNode: ['-e', 'console.log(1)'],
    coreOnly: [coreOnly(place.root, place.scratch)],
    action: [join(place.root, 'dist/index.js')]
  }
  const times: Record<keyof ColdStart, number[]> = { bareNode: [], coreOnly: [], action: [] }
  for (let run = 0; run < place.runs; run++)
    for (const key of ['bareNode', 'coreOnly', 'action'] as const)
      times[key].push(await untilFirstLine(programs[key]))
  return { bareNode: median(times.bareNode), coreOnly: median(times.coreOnly), action: median(times.action) }
}
