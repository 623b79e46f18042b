import { createHash } from 'node:crypto'
import { refuse } from './refusal.js'
import { text, type Input } from './input.js'

/** One page of a list; `nextToken` only if there is more. */
export interface Page<Item> {
  items: Item[]
  nextToken?: string
}

const digest = (words: string): string => createHash('sha256').update(words).digest('hex').slice(0, 16)

/** The order of a list: one that no client can rely on, but the same in every run (docs/service.md, captures 8). */
export const shuffled = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] =>
  [...items]
    .map((item) => ({ item, rank: digest(keyOf(item)) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ item }) => item)

/**
 * Splits a list into pages. The token has the last returned item and the query it belongs to, so items that come or go between
 * two calls neither shift nor repeat the others; a token of another query is refused.
 */
export const pageOf = <Item>(
  items: readonly Item[],
  question: { input: Input; operation: string; pageSize: number },
  keyOf: (item: Item) => string
): Page<Item> => {
  const ranked = shuffled(items, keyOf)
  const asked = digest(question.operation + JSON.stringify({ ...question.input, nextToken: undefined }))
  const token = text(question.input, 'nextToken')
  const after = token === undefined ? '' : read(token, asked)
  const rest = ranked.filter((item) => digest(keyOf(item)) > after)
  const page = rest.slice(0, question.pageSize)
  const last = page.at(-1)
  return last === undefined || rest.length === page.length
    ? { items: page }
    : { items: page, nextToken: Buffer.from(`${asked}:${digest(keyOf(last))}`).toString('base64') }
}

const read = (token: string, asked: string): string => {
  const [question, after] = Buffer.from(token, 'base64').toString('utf8').split(':')
  return question === asked && after !== undefined && after.length === 16
    ? after
    : refuse('InvalidNextTokenException', 'The specified NextToken is invalid.')
}
