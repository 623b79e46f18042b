/**
 * GitHub limits all outputs of a job together to 1 MB, counted in UTF-16, two bytes per character (docs.github.com, "Passing
 * information between jobs"). Half of it is left for the job's other outputs.
 */
const MOST_CHARACTERS = 256 * 1_024

/** The first items whose JSON fits into an output, with the number of items kept and left out. */
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
