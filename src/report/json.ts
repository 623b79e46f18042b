/**
 * GitHub takes job outputs of 1 MB together, counted in UTF-16, two bytes a character (docs.github.com, "Passing information
 * between jobs"). Half of it is left for the other outputs of a job.
 */
const MOST_CHARACTERS = 256 * 1_024

/** The first items whose JSON fits into an output, how many they are, and how many are left out. */
export const jsonWithin = (
  items: readonly unknown[],
  most = MOST_CHARACTERS
): { text: string; kept: number; left: number } => {
  const texts: string[] = []
  let room = most - 2
  for (const item of items) {
    const text = JSON.stringify(item)
    room -= text.length + 1
    if (room < 0) break
    texts.push(text)
  }
  return { text: `[${texts.join(',')}]`, kept: texts.length, left: items.length - texts.length }
}
