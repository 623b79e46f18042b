/** The tags of YAML's own types start with this. */
export const CORE = 'tag:yaml.org,2002:'

/** Tags that ask the agent's reader for a Ruby class, which it refuses. */
export const SCALAR_CLASSES: Record<string, string> = {
  '!ruby/object:BigDecimal': 'BigDecimal',
  '!ruby/object:DateTime': 'DateTime',
  '!ruby/object:Complex': 'Complex',
  '!ruby/object:Rational': 'Rational',
  '!ruby/regexp': 'Regexp',
  '!ruby/range': 'Range'
}

const MAPPING_CLASSES: [RegExp, string][] = [
  [/^!ruby\/struct:?(.*)?$/, 'Struct'],
  [/^!ruby\/object:?(.*)?$/, 'Object'],
  [/^!(?:str|ruby\/string)(?::(.*))?$/, 'String'],
  [/^tag:yaml\.org,2002:str$/, 'String'],
  [/^!ruby\/array:(.*)$/, 'Array'],
  [/^!ruby\/range$/, 'Range'],
  [/^!ruby\/exception:?(.*)?$/, 'Exception'],
  [/^(?:!|tag:yaml\.org,2002:)set$/, 'Psych::Set'],
  [/^!ruby\/hash-with-ivars:(.+)$/, 'Hash'],
  [/^!(?:map|ruby\/hash|ruby\/marshalable):(.*)$/, 'Hash'],
  [/^(?:!|tag:yaml\.org,2002:)omap$/, 'Psych::Omap']
]

/** The class that a mapping's tag asks for, undefined for none; `!ruby/object:Hash` is read as what it says. */
export const classOfMapping = (tag: string): string | undefined => {
  if (tag === '!ruby/object:Hash') return undefined
  const found = MAPPING_CLASSES.find(([pattern]) => pattern.test(tag))
  if (found === undefined) return undefined
  const named = found[0].exec(tag)?.[1] ?? ''
  return named === '' ? found[1] : named
}
