import { format, resolveConfig } from 'prettier'
import { folderAction } from './folder-action.js'
import { fill, type Comment } from './markers.js'
import { readMetadata, type Metadata } from './metadata.js'
import { STACKS, stackText } from './stack.js'
import { inputTable, outputTable } from './tables.js'
import { callInputs, callOutputs, jobOutputs, stepInputs, WORKFLOWS, type Workflow } from './workflow.js'

/** Path of the folder action, relative to the repository. */
export const FOLDER_ACTION = 'action/action.yml'

/**
 * Every file that is written, entirely or in part, from action.yml: path → the text it should have. `read` returns the current text
 * of a path in the repository.
 */
export async function generated(read: (path: string) => string): Promise<Map<string, string>> {
  const action = read('action.yml')
  const metadata = readMetadata(action)
  const texts = new Map([
    [FOLDER_ACTION, await pretty(FOLDER_ACTION, folderAction(action))],
    ['README.md', readme(read('README.md'), metadata)]
  ])
  for (const workflow of WORKFLOWS)
    texts.set(
      workflow.path,
      await pretty(workflow.path, workflowText(read(workflow.path), workflow, metadata))
    )
  return texts
}

/** The CloudFormation templates as docs/iam says: path → text. `read` throws for what does not exist. */
export const generatedStacks = async (read: (path: string) => string): Promise<Map<string, string>> => {
  const document = (name: string): string | undefined => {
    try {
      return read(`docs/iam/${name}.json`)
    } catch {
      return undefined
    }
  }
  const texts = new Map<string, string>()
  for (const [path, bucket] of STACKS)
    texts.set(path, await pretty(path, stackText(read(path), { document, bucket })))
  return texts
}

/** The written files must pass the repository's own style check. */
const pretty = async (path: string, text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(path)), filepath: path })

const readme = (text: string, metadata: Metadata): string =>
  fillAll(text, 'markdown', { inputs: inputTable(metadata), outputs: outputTable(metadata) })

const workflowText = (text: string, workflow: Workflow, metadata: Metadata): string =>
  fillAll(text, 'yaml', {
    'action inputs': callInputs(workflow, metadata),
    'action outputs': callOutputs(metadata, workflow),
    'job outputs': jobOutputs(metadata),
    'step inputs': stepInputs(workflow, metadata)
  })

const fillAll = (text: string, comment: Comment, bodies: Record<string, string>): string =>
  Object.entries(bodies).reduce((done, [name, body]) => fill(done, { name, comment, body }), text)
