import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, workflowPaths } from '../files.js'

/** The built action, without which nothing can be run. */
export const isBuilt = (): boolean => existsSync(join(ROOT, 'dist/index.js'))

/**
 * Makes a copy of this repository at `folder` that act 0.2.87 can call as OWNER/REPO@v1. It knows neither `$/…` nor
 * `concurrency.queue` nor `environment.deployment`, all newer than it, so these are written in the older way; the rest is as it is
 * shipped. `dist` is the folder of the program to run.
 */
export function ownRepository(folder: string, dist = join(ROOT, 'dist')): void {
  mkdirSync(join(folder, '.github/workflows'), { recursive: true })
  cpSync(dist, join(folder, 'dist'), { recursive: true })
  for (const part of ['action.yml', 'action'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  for (const path of workflowPaths())
    writeFileSync(join(folder, path), olderForm(readFileSync(join(ROOT, path), 'utf8')))
}

const olderForm = (workflow: string): string =>
  workflow
    .replaceAll('uses: $/action', 'uses: OWNER/REPO/action@v1')
    .replaceAll(/^ *(queue: max|deployment: false)\n/gm, '')
