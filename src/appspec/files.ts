import { quoting } from './problems.js'
import type { Problems } from './problems.js'
import { inspect, isFalsy, isNil, lookUp, toText } from './ruby-value.js'
import type { RubyValue } from './ruby-value.js'
import type { FileMapping } from './spec.js'

const NO_SOURCE =
  'The deployment failed because the application specification file specifies a destination file, but no source file. Update the files section of the AppSpec file, and then try again.'
const noDestination = (source: string): string =>
  `The deployment failed because the application specification file specifies only a source file (${source}). Add the name of the destination file to the files section of the AppSpec file, and then try again.`

const SHAPE = 'files must be a list of “- source: …” entries, each with a “destination: …”.'

/** Reads `files`: a list of sources and destinations (docs/service.md, reference 6.3, M7 and M8). */
export const parseFiles = (files: RubyValue | undefined, problems: Problems): FileMapping[] => {
  if (files === undefined || isFalsy(files)) return []
  if (files.kind === 'hash' && files.pairs.length === 0) return []
  if (files.kind !== 'array') {
    const agent =
      files.kind === 'hash'
        ? 'no implicit conversion of String into Integer'
        : `undefined method \`each' for ${inspect(files).slice(0, 60)}`
    problems.error(quoting(SHAPE, agent), files)
    return []
  }
  return files.items.flatMap((item) => parseMapping(item, problems))
}

const parseMapping = (item: RubyValue, problems: Problems): FileMapping[] => {
  const [source, destination] = [part(item, 'source'), part(item, 'destination')]
  if (source === 'none' || destination === 'none') {
    const agent = `no implicit conversion of String into Integer (for ${inspect(item).slice(0, 60)})`
    problems.error(quoting(SHAPE, agent), item)
    return []
  }
  if (isNil(source)) {
    problems.error(quoting('This files entry has no source.', NO_SOURCE), source ?? item)
    return []
  }
  if (isNil(destination)) {
    const what = `The source ${toText(source)} has no destination.`
    problems.error(quoting(what, noDestination(toText(source))), destination ?? item)
    return []
  }
  warnOfKeys(item, problems)
  return [{ source, destination }]
}

// In Ruby, a string indexed with ['source'] gives 'source' if the string contains it, so a string can pass for an entry.
const part = (item: RubyValue, name: string): RubyValue | undefined | 'none' => {
  if (item.kind === 'hash') return lookUp(item, name)
  if (item.kind !== 'string' && item.kind !== 'symbol') return 'none'
  return item.value.includes(name) ? { kind: 'string', value: name, start: item.start } : undefined
}

const warnOfKeys = (item: RubyValue, problems: Problems): void => {
  for (const { key } of item.kind === 'hash' ? item.pairs : []) {
    const name = toText(key)
    if (name === 'overwrite')
      problems.warning(
        'The agent ignores “overwrite” here. Write “file_exists_behavior: OVERWRITE” at the top level of the file.',
        key
      )
    else if (name !== 'source' && name !== 'destination')
      problems.warning(`The agent ignores “${name}”; a files entry has only source and destination.`, key)
  }
}
