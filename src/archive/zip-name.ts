import type { Defects } from './defects.js'
import type { ZipRecord } from './zip-directory.js'

const UNICODE = 0x0800
const DOS = 0

/** The path of an entry as it lies on the server, ending in a slash for a folder; undefined when it must not be used. */
export const readName = (record: ZipRecord, defects: Defects): string | undefined => {
  const { rawName, host } = record
  let name = rawName.toString()
  if (rawName.some((byte) => byte > 127)) name = readForeign(record, defects)
  if (name.includes('\0')) {
    defects.error(
      JSON.stringify(name),
      'The name of this entry holds a NUL character. Make the archive anew.'
    )
    return undefined
  }
  if (host === DOS && name.includes('\\') && !name.includes('/')) {
    defects.warning(
      name,
      `The archive was made on Windows with backslashes in its names, which become folders; ${COMPLAINS}`
    )
    name = name.replaceAll('\\', '/')
  }
  return checkPath(name, defects)
}

/** What unzip answers with exit code 1: the Ruby agent goes on by rubyzip then, the agent of 2.x does not. */
export const COMPLAINS =
  'unzip complains of it, so that the agent of 2.x gives up. Make the archive with another program.'

// unzip takes names made on DOS for its code page, even when they are marked as Unicode; what comes out is no UTF-8.
const readForeign = ({ rawName, flags, host }: ZipRecord, defects: Defects): string => {
  const name = rawName.toString()
  if (host === DOS) {
    const spoilt = rawName.toString('latin1').replace(/[^\0-\x7f]/g, '\ufffd')
    defects.warning(
      name,
      'This name has letters beyond ASCII, and the archive was made on Windows: unzip spoils them on a Linux server. Make it with another program.'
    )
    return spoilt
  }
  if ((flags & UNICODE) === 0 && !name.includes('\ufffd'))
    defects.warning(
      name,
      'This name has letters beyond ASCII but is not marked as Unicode; Linux servers take it as UTF-8.'
    )
  return name
}

// unzip drops `..`, writes `_` for dots that are the last part, drops control characters and version numbers of VMS.
const checkPath = (name: string, defects: Defects): string => {
  if (name.split('/').includes('..'))
    defects.warning(
      name,
      'This name leads upward by “..”; unzip drops that part, so the file lands elsewhere. Make the archive from within its folder.'
    )
  if (name.startsWith('/'))
    defects.warning(name, `This name starts with a slash, which is taken off; ${COMPLAINS}`)
  const parts = name.split('/').filter((part, index, all) => part !== '..' || index === all.length - 1)
  return parts
    .join('/')
    .replace(/(?<=^|\/)\.\.?$/, (dots) => '_'.repeat(dots.length))
    .replace(/\p{Cc}/gu, '')
    .replace(/;\d+$/, '')
}
