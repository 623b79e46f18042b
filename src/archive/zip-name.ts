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
      'The archive was made on Windows with backslashes in its names: unzip turns them into folders and complains, and the agent of 2.x gives up. Make it with another program.'
    )
    name = name.replaceAll('\\', '/')
  }
  return checkPath(name, defects)
}

const readForeign = ({ rawName, flags, host }: ZipRecord, defects: Defects): string => {
  const name = rawName.toString()
  const isUtf8 = !name.includes('\ufffd')
  if ((flags & UNICODE) === 0)
    defects.warning(
      isUtf8 ? name : rawName.toString('latin1'),
      'This name has letters beyond ASCII but is not marked as Unicode, so it may be another one on the server.'
    )
  else if (isUtf8)
    defects.warning(
      name,
      'This name has letters beyond ASCII; unzip changes them where the server runs the agent without a UTF-8 locale.'
    )
  return !isUtf8 && host === DOS ? rawName.toString('latin1') : name
}

const checkPath = (name: string, defects: Defects): string | undefined => {
  if (name.split('/').includes('..')) {
    defects.error(name, 'This name leads out of the bundle by “..”. Make the archive from within its folder.')
    return undefined
  }
  if (name.startsWith('/'))
    defects.warning(
      name,
      'This name starts with a slash, which is taken off on the server; unzip complains of it, and the agent of 2.x gives up.'
    )
  return name
}
