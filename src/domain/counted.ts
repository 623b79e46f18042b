/** `1 instance`, `2 instances`: a number with its noun, for a message. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

/** `412`, `1,000` */
export const grouped = (count: number): string =>
  count < 1000 ? String(count) : count.toLocaleString('en-US')

/** `1 instance`, `1,000 green instances` */
export const instances = (count: number, one = 'instance'): string =>
  `${grouped(count)} ${count === 1 ? one : `${one}s`}`
