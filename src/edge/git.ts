import { execFileSync } from 'node:child_process'

/** More than any answer about one path takes; without an answer, nothing is known. */
const GIT_MS = 5_000

/** Whether Git tracks this path, relative to the folder. False where there is no Git, no repository, or one of another user. */
export const isTracked = (folder: string, path: string): boolean => {
  try {
    execFileSync('git', ['ls-files', '--error-unmatch', '--', path], {
      cwd: folder,
      stdio: 'ignore',
      timeout: GIT_MS
    })
    return true
  } catch {
    return false
  }
}
