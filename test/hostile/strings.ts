/** The paths of all strings in an answer, such as `deploymentTargets[].instanceTarget.status`. */
export const placesIn = (value: unknown, place = ''): string[] => {
  if (typeof value === 'string') return [place]
  if (Array.isArray(value)) return value.flatMap((item) => placesIn(item, `${place}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    placesIn(inner, place === '' ? name : `${place}.${name}`)
  )
}

/** The same answer with each string replaced by what `change` returns. */
export const rewritten = (
  value: unknown,
  change: (text: string, place: string) => string,
  place = ''
): unknown => {
  if (typeof value === 'string') return change(value, place)
  if (Array.isArray(value)) return value.map((item) => rewritten(item, change, `${place}[]`))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      rewritten(inner, change, place === '' ? name : `${place}.${name}`)
    ])
  )
}

// eslint-disable-next-line no-control-regex -- the characters that XML must escape
const ESCAPED = /[&<>"\u0000-\u001f\u007f-\u009f]/g
const escaped = (text: string): string =>
  text.replace(ESCAPED, (sign) => `&#x${sign.charCodeAt(0).toString(16)};`)

/** The same for the elements of an XML answer; their names are the places. */
export const rewrittenXml = (xml: string, change: (text: string, place: string) => string): string =>
  xml.replace(
    /<(\w+)>([^<]*)<\/\1>/g,
    (_, name: string, text: string) => `<${name}>${escaped(change(text, name))}</${name}>`
  )
