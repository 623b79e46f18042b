import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cloud } from '../cloud/start.js'

const USUAL = 'codedeploy-instance-logs'
const CONTENT = readFileSync(join(import.meta.dirname, `../../examples/aws/${USUAL}.yaml`), 'utf8')

/** Creates the SSM document of examples/aws, as docs/instance-logs.md says. */
export const createLogsDocument = (planes: Cloud['planes'], name = USUAL): void =>
  planes.inspect.documents.create(name, CONTENT)
