import type { Defects } from './defects.js'
import type { ZipRecord } from './zip-directory.js'

const UNICODE = 0x0800
const DOS = 0

/** The path of an entry on the server, ending in a slash for a folder; undefined, with an error, for an unusable name. */
export const readName = (record: ZipRecord, defects: Defects): string | undefined => {
  const { rawName, host } = record
  let name = rawName.toString()
  if (rawName.some((byte) => byte > 127)) name = readForeign(record, defects)
  if (name.includes('\0')) {
    defects.error(
      JSON.stringify(name),
      'The name of this entry contains a NUL character. Recreate the archive.'
    )
    return undefined
  }
  if (host === DOS && name.includes('\\') && !name.includes('/')) {
    defects.warning(
      name,
      `The archive was created on Windows with backslashes in its names, which unzip turns into folders; ${COMPLAINS}`
    )
    name = name.replaceAll('\\', '/')
  }
  return checkPath(name, defects)
}

/** For what makes unzip exit with code 1: the Ruby agent then falls back to rubyzip; the 2.x agent does not. */
export const COMPLAINS =
  'unzip reports this as a warning, on which the 2.x agent fails. Create the archive with another program.'

// unzip reads names written on DOS in that code page, even when they are marked as Unicode; the result is not UTF-8.
const readForeign = ({ rawName, flags, host }: ZipRecord, defects: Defects): string => {
  const name = rawName.toString()
  if (host === DOS) {
    const spoilt = rawName.toString('latin1').replace(/[^\0-\x7f]/g, '\ufffd')
    defects.warning(
      name,
      'This name has non-ASCII characters, and the archive was created on Windows: unzip garbles them on a Linux server. Create it with another program.'
    )
    return spoilt
  }
  if ((flags & UNICODE) === 0 && !name.includes('\ufffd'))
    defects.warning(
      name,
      'This name has non-ASCII characters but is not marked as Unicode; Linux servers read it as UTF-8.'
    )
  return name
}

// unzip drops `..`, replaces dots that are the last part with `_`, and drops control characters and VMS version numbers.
const checkPath = (name: string, defects: Defects): string => {
  if (name.split('/').includes('..'))
    defects.warning(
      name,
      'This name contains “..”; unzip drops that part, so the file ends up elsewhere. Create the archive from within its folder.'
    )
  if (name.startsWith('/'))
    defects.warning(name, `This name starts with a slash, which unzip removes; ${COMPLAINS}`)
  const parts = name.split('/').filter((part, index, all) => part !== '..' || index === all.length - 1)
  return parts
    .join('/')
    .replace(/(?<=^|\/)\.\.?$/, (dots) => '_'.repeat(dots.length))
    .replace(/\p{Cc}/gu, '')
    .replace(/;\d+$/, '')
}
