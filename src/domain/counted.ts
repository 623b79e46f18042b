/** `1 instance`, `2 instances`: a number with its noun, for a message. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`
