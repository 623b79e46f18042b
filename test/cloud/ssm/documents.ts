import { parse } from 'yaml'
import { ServiceError } from '../contract.js'

/** A document of the schema 2.2 as far as this cloud runs it: one script in one step. */
export interface SsmDocument {
  name: string
  parameters: Record<string, { allowedPattern?: string; default?: string }>
  script: string
  timeoutSeconds: number
}

/** The documents of the account. */
export interface SsmDocuments {
  create(name: string, content: string): void
  find(name: string): SsmDocument | undefined
}

interface Content {
  schemaVersion?: string
  parameters?: SsmDocument['parameters']
  mainSteps?: { action?: string; inputs?: { runCommand?: string[]; timeoutSeconds?: string } }[]
}

const invalid = (why: string): ServiceError => new ServiceError('InvalidDocumentContent', why)

/** Reads YAML or JSON. Throws InvalidDocumentContent for what this cloud cannot run. */
const read = (name: string, content: string): SsmDocument => {
  const { schemaVersion, parameters = {}, mainSteps = [] } = parse(content) as Content
  if (schemaVersion !== '2.2') throw invalid(`schemaVersion ${schemaVersion ?? ''} is not 2.2`)
  const [step, ...more] = mainSteps
  const script = step?.inputs?.runCommand?.join('\n')
  if (step?.action !== 'aws:runShellScript' || script === undefined || more.length > 0)
    throw invalid('The local cloud runs documents of one step aws:runShellScript.')
  return { name, parameters, script, timeoutSeconds: Number(step.inputs?.timeoutSeconds ?? '3600') }
}

export const createDocuments = (): SsmDocuments => {
  const documents = new Map<string, SsmDocument>()
  return {
    create: (name, content) => {
      if (/^(aws|amazon|amzn)/i.test(name))
        throw new ServiceError('ValidationException', `The name ${name} has a reserved prefix.`)
      if (documents.has(name))
        throw new ServiceError('DocumentAlreadyExists', `Document with same name ${name} already exists`)
      documents.set(name, read(name, content))
    },
    find: (name) => documents.get(name)
  }
}

/**
 * The script with its parameters put in. Throws InvalidParameters for an unknown or missing parameter, and for a value that does not
 * match its allowedPattern.
 */
export const scriptOf = (document: SsmDocument, given: Readonly<Record<string, string>>): string => {
  const refuse = (why: string): never => {
    throw new ServiceError('InvalidParameters', why)
  }
  for (const name of Object.keys(given))
    if (!Object.hasOwn(document.parameters, name)) refuse(`Parameter ${name} is not in the document.`)
  return document.script.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => {
    const { allowedPattern, default: usual } = document.parameters[name] ?? {}
    const value = given[name] ?? usual ?? refuse(`Parameter ${name} is missing.`)
    if (allowedPattern !== undefined && !new RegExp(allowedPattern).test(value))
      refuse(`Parameter ${name} does not match ${allowedPattern}.`)
    return value
  })
}
