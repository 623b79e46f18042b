import { BEGINNING } from './zip.js'

/**
 * The modification time that a file gets in the archive: made from its content, in the years 1980 to 2007. The agent keeps it on the
 * server (agent: install_instruction.rb copies with `preserve`), and there a lot trusts "same size, same time, same content":
 * ETags of web servers, Python's compiled modules, rsync. The time of the build would make each archive differ, one fixed
 * time would make those serve and run what was deployed before.
 */
export const zipTime = (sha256: string | undefined): number => {
  if (sha256 === undefined) return BEGINNING
  let rest = Number.parseInt(sha256.slice(0, 8), 16)
  const take = (choices: number): number => {
    const taken = rest % choices
    rest = Math.floor(rest / choices)
    return taken
  }
  const [twoSeconds, minute, hour] = [take(30), take(60), take(24)]
  const [day, month, year] = [1 + take(28), 1 + take(12), take(28)]
  const date = (year << 9) | (month << 5) | day
  return ((date << 16) | (hour << 11) | (minute << 5) | twoSeconds) >>> 0
}
