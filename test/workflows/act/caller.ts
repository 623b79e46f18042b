import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { examplePaths, ROOT } from '../files.js'

/** The repository of a user of the action: an application, with the example workflows as its own. */
export interface Caller {
  folder: string
  /** Records the folder as it is, and returns the commit. */
  commit: (subject: string) => string
}

/** Makes that repository at `folder`, from the application at `app`. Only the example workflows are in it, as a user copies them. */
export function callerRepository(folder: string, app: string, name = 'festival/web'): Caller {
  mkdirSync(join(folder, '.github/workflows'), { recursive: true })
  cpSync(app, folder, { recursive: true })
  for (const path of examplePaths())
    cpSync(join(ROOT, path), join(folder, path.replace('examples', '.github')))
  const git = (...words: string[]): string =>
    execFileSync(
      'git',
      ['-C', folder, '-c', 'user.name=Caller', '-c', 'user.email=caller@example.com', ...words],
      {
        encoding: 'utf8'
      }
    ).trim()
  git('init', '--quiet', '--initial-branch', 'main')
  // The action and GitHub's own context read the repository's name from here.
  git('remote', 'add', 'origin', `https://github.com/${name}.git`)
  return { folder, commit: (subject) => record(git, subject) }
}

function record(git: (...words: string[]) => string, subject: string): string {
  git('add', '--all')
  git('commit', '--quiet', '--allow-empty', '--message', subject)
  return git('rev-parse', 'HEAD')
}
