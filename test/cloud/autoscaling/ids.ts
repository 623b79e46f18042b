const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const HEX = '0123456789abcdef'

/** Names that the service generates. The same seed gives the same names in the same order. */
export interface Ids {
  /** `d-` and nine of A–Z and 0–9 (docs/service.md, reference 4.1). */
  deployment(): string
  /** `i-` and seventeen hexadecimal digits. */
  instance(): string
  uuid(): string
  /** Sixteen hexadecimal digits, the tail of a load balancer's or target group's ARN. */
  suffix(): string
}

// mulberry32: small, and good enough for names.
const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Names from a seeded generator, so that a scripted cloud is the same in every run. */
export const createIds = (seed: number): Ids => {
  const random = randomFrom(seed)
  const some = (alphabet: string, count: number): string =>
    Array.from({ length: count }, () => alphabet[Math.floor(random() * alphabet.length)] ?? '').join('')
  return {
    deployment: () => `d-${some(UPPER, 9)}`,
    instance: () => `i-0${some(HEX, 16)}`,
    uuid: () => [8, 4, 4, 4, 12].map((count) => some(HEX, count)).join('-'),
    suffix: () => some(HEX, 16)
  }
}
