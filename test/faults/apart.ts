import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** Runs a program of this folder as a process of its own, and returns what it wrote. Throws what it complained of. */
export const playApart = (program: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, program), ...args], {
      cwd: join(import.meta.dirname, '../..'),
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let [out, errors] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(out)
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}\n${errors}`))
    })
  })

/** Two processes, since a small machine has two cores. */
const SHARES = 2

/** The rows of one share of a matrix, and what the whole has. */
export interface Share<Row> {
  rows: Row[]
  cells: number
  calls: string[]
}

/** Plays every n-th cell of a matrix in shares, each in a process of its own. */
export const playShares = <Row>(program: string, every: number): Promise<Share<Row>[]> =>
  Promise.all(
    Array.from({ length: SHARES }, async (_, share): Promise<Share<Row>> => {
      const out = await playApart(program, [share, SHARES, every].map(String))
      const lines = out.trim().split('\n')
      const end = JSON.parse(lines.pop() ?? '{}') as Omit<Share<Row>, 'rows'>
      return { rows: lines.map((line) => JSON.parse(line) as Row), ...end }
    })
  )
