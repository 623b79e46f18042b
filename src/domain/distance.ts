/** How many letters to add, remove or replace to get from one word to the other (Levenshtein). */
export const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (const [above, letter] of Array.from(one).entries()) {
    const next = [above + 1]
    for (let at = 0; at < other.length; at++)
      next.push(
        Math.min((next[at] ?? 0) + 1, (row[at + 1] ?? 0) + 1, (row[at] ?? 0) + (letter === other[at] ? 0 : 1))
      )
    row = next
  }
  return row[other.length] ?? 0
}
