import { crc32 } from 'node:zlib'

export { crc32 }

const POLYNOMIAL = 0xedb88320

/** a × b modulo the CRC's polynomial, both as reflected bit strings: bit 31 is the coefficient of x⁰. */
const multiply = (a: number, b: number): number => {
  let product = 0
  for (let mask = 0x80000000, rest = b; mask !== 0; mask >>>= 1) {
    if ((a & mask) !== 0) product ^= rest
    rest = (rest & 1) === 0 ? rest >>> 1 : (rest >>> 1) ^ POLYNOMIAL
  }
  return product >>> 0
}

/** x^(8·2ⁿ) for n = 0 … 44: enough for 2⁴⁴ bytes, more than the maximum size of an S3 object. */
const POWERS: number[] = [0x00800000]
for (let n = 1; n < 45; n++) POWERS.push(multiply(POWERS[n - 1] ?? 0, POWERS[n - 1] ?? 0))

const shifts = new Map<number, number>()

/** x^(8·length): the factor for a CRC that `length` more bytes follow. Cached, since the same few lengths recur. */
const shift = (length: number): number => {
  const known = shifts.get(length)
  if (known !== undefined) return known
  let factor = 0x80000000
  for (let n = 0, rest = length; rest > 0; n++, rest = Math.floor(rest / 2))
    if (rest % 2 === 1) factor = multiply(factor, POWERS[n] ?? 0)
  if (shifts.size < 1024) shifts.set(length, factor)
  return factor
}

/** The CRC-32 of two concatenated pieces, from the CRCs of both and the length of the second in bytes. */
export const crc32Of = (first: number, second: number, secondLength: number): number =>
  (multiply(shift(secondLength), first) ^ second) >>> 0
