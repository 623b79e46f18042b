import { describe, expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parse } from 'yaml'
import { EXIT_CODES } from '../src/commands/report.js'
import { COMMANDS } from '../src/inputs/table.js'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

const below = (folder: string, ending: RegExp): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => ending.test(file))
    .map((file) => `${folder}/${file}`)

const PAGES = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...['docs', 'examples', 'test'].flatMap((folder) => below(folder, /\.md$/))
]

/** Fenced code contains no links or headings. */
const prose = (page: string): string => read(page).replace(/^```[\s\S]*?^```/gm, '')

/** The anchor that GitHub gives a heading: lower case, no punctuation, dashes for spaces. */
const anchorsOf = (page: string): string[] =>
  [...prose(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-')
  )

const linksOf = (page: string): string[] =>
  [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))

const isBroken = (page: string, link: string): boolean => {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path))
  if (!existsSync(join(ROOT, target))) return true
  return anchor !== undefined && !anchorsOf(target).includes(anchor)
}

test('every link between the pages works', () => {
  const broken = PAGES.flatMap((page) =>
    linksOf(page)
      .filter((link) => isBroken(page, link))
      .map((link) => `${page}: ${link}`)
  )
  expect(broken).toEqual([])
})

test('every page of docs/ is in its index', () => {
  const index = linksOf('docs/README.md').map((link) => join('docs', link))
  const missing = below('docs', /\.md$/).filter((page) => page !== 'docs/README.md' && !index.includes(page))
  expect(missing).toEqual([])
})

describe('README', () => {
  const readme = read('README.md')
  const action = parse(read('action.yml')) as Record<'inputs' | 'outputs', Record<string, unknown>>

  test.each(['inputs', 'outputs'] as const)('names all %s', (kind) => {
    expect(Object.keys(action[kind]).filter((name) => !readme.includes(`| \`${name}\` |`))).toEqual([])
  })

  test('shows the exit code of every outcome', () => {
    const shown = [...readme.matchAll(/^\| `([a-z-]+)` \|.*\| (?:green|red) \| (\d) \|$/gm)]
    expect(Object.fromEntries(shown.map(([, name = '', code]) => [name, Number(code)]))).toEqual(EXIT_CODES)
  })

  test('lists every command', () => {
    expect(COMMANDS.filter((name) => !new RegExp(`^\\| \`${name}\` \\| .* \\|$`, 'm').test(readme))).toEqual(
      []
    )
  })
})

test('every package that the action needs has its reason', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
  const decisions = read('docs/decisions.md')
  expect(Object.keys(dependencies).filter((name) => !decisions.includes(`| \`${name}\` |`))).toEqual([])
})

test('decisions are numbered without a gap', () => {
  const numbers = [...read('docs/decisions.md').matchAll(/^### (\d+)\. /gm)].map(([, number]) =>
    Number(number)
  )
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
})

describe('what comments cite', () => {
  const page = read('docs/service.md')
  const sections = (kind: string): Set<string> => {
    const from = page.indexOf(`## ${kind}`)
    const to = page.indexOf('\n## ', from + 1)
    return new Set(
      [...page.slice(from, to < 0 ? undefined : to).matchAll(/^\| ([\d.]+) \|/gm)].map(([, n = '']) => n)
    )
  }
  const known = { reference: sections('Reference'), captures: sections('Captures') }

  test.each(['reference', 'captures'] as const)('%s is explained, section by section', (kind) => {
    const cited = ['src', 'test', 'examples']
      .flatMap((folder) => below(folder, /\.(ts|mjs|sh)$/))
      .flatMap((file) =>
        [
          ...read(file).matchAll(
            new RegExp(`${kind} (§?\\d+(?:\\.\\d+)*(?:(?:, §?| and §?)\\d+(?:\\.\\d+)+|, §\\d+)*)`, 'g')
          )
        ].flatMap(([, list = '']) =>
          [...list.matchAll(/\d+(?:\.\d+)*/g)].map(([section]) => ({ file, section }))
        )
      )
    const unexplained = cited.filter(
      ({ section }) => !known[kind].has(section) && !known[kind].has(section.split('.')[0] ?? '')
    )
    expect(unexplained).toEqual([])
    expect(cited.length).toBeGreaterThan(0)
  })
})

test('the changelog has an entry for the version of package.json', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string }
  const entry =
    read('CHANGELOG.md')
      .split(/^## /m)
      .find((part) => part.startsWith(`[${version}]`)) ?? ''
  expect(entry).toMatch(/^- \S/m)
})
