import { LOG_SOURCES, type LogSource } from '../domain/instance-log.js'
import type { InputReader } from './reader.js'

/** Whom to ask for the logs of instances that failed. */
export const instanceLogs = (reader: InputReader): LogSource[] => {
  if (reader.raw('instance-logs') === 'none') return []
  const given = reader.list(
    'instance-logs',
    /^(ssm|console)$/,
    '`none`, or one or both of `ssm` and `console`'
  )
  return LOG_SOURCES.filter((source) => given.includes(source))
}

/** The names that SSM allows; those of AWS's own documents, which run any command, are refused. */
export const instanceLogsDocument = (reader: InputReader): string => {
  const name = reader.raw('instance-logs-document')
  if (/^(aws|amazon|amzn)/i.test(name))
    reader.wrong(
      'instance-logs-document',
      name,
      'is a document of AWS; a role that may run it could run any command, so name one of your own, made from examples/aws/codedeploy-instance-logs.yaml'
    )
  return reader.required(
    'instance-logs-document',
    /^[A-Za-z0-9_.-]{3,128}$/,
    'the name of an SSM document (3 to 128 characters from letters, digits and `_.-`)'
  )
}
