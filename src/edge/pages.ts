/** Follows nextToken to the last page, or until it is enough. It also stops at a token seen before, because the service is in a loop then. */
export const everyPage = async <T>(
  page: (nextToken: string | undefined) => Promise<{ items: T[]; nextToken: string | undefined }>,
  isEnough: (found: readonly T[]) => boolean = () => false
): Promise<T[]> => {
  const all: T[] = []
  const seen = new Set<string>()
  for (let token: string | undefined; ;) {
    const { items, nextToken } = await page(token)
    all.push(...items)
    if (nextToken === undefined || nextToken === '' || seen.has(nextToken)) return [...new Set(all)]
    if (isEnough(all)) return [...new Set(all)]
    seen.add(nextToken)
    token = nextToken
  }
}
