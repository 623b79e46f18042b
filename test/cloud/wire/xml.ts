/** Escapes text for an XML element. Control characters that XML 1.0 cannot contain are left out, except the usual white space. */
export const escapeXml = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex -- these are exactly the characters that XML forbids
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/\r/g, '&#13;')

/** How a list is written: S3 repeats the element itself, the query protocol wraps members, EC2 wraps items. */
export type ListStyle = 'flat' | 'member' | 'item'

const scalar = (value: unknown): string => {
  if (value instanceof Date) return value.toISOString()
  return escapeXml(String(value))
}

const list = (name: string, values: unknown[], style: ListStyle): string =>
  style === 'flat'
    ? values.map((value) => element(name, value, style)).join('')
    : `<${name}>${values.map((value) => element(style, value, style)).join('')}</${name}>`

/** One element with everything below it. Undefined and null are left out, dates are ISO 8601. */
export const element = (name: string, value: unknown, style: ListStyle = 'flat'): string => {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return list(name, value, style)
  if (typeof value === 'object' && !(value instanceof Date))
    return `<${name}>${fields(value, style)}</${name}>`
  return `<${name}>${scalar(value)}</${name}>`
}

/** The members of an object as elements, in order. */
export const fields = (value: object, style: ListStyle = 'flat'): string =>
  Object.entries(value)
    .map(([name, member]) => element(name, member, style))
    .join('')

/** A whole document with its namespace. */
export const document = (name: string, namespace: string, value: object, style: ListStyle = 'flat'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${namespace}">${fields(value, style)}</${name}>`
