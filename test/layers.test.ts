import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

// The house rules of docs/architecture.md, read from the source itself.

const ROOT = join(import.meta.dirname, '..')
const SOURCE = join(ROOT, 'src')

const PORTS = [
  'ports.ts',
  'storage-port.ts',
  'setup-port.ts',
  'cleanup-port.ts',
  'check-port.ts',
  'copy-port.ts',
  'github-port.ts',
  'preview-port.ts'
] as const

/** Room → the rooms it may import, types included. The file's name is the room of what lies in src/ itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'index.ts': ['bootstrap.ts'],
  'bootstrap.ts': ['main.ts', 'services.ts', 'edge', 'report', 'domain', 'errors.ts', 'ports.ts'],
  'services.ts': ['edge', 'domain', 'ports.ts'],
  'main.ts': ['commands', 'inputs', 'ports.ts'],
  commands: [
    ...['steps', 'inputs', 'report', 'appspec', 'archive', 'bundle', 'setup', 'upload', 'domain'],
    ...[
      'journal.ts',
      'ports.ts',
      'github-port.ts',
      'storage-port.ts',
      'copy-port.ts',
      'preview-port.ts',
      'concurrency.ts',
      'errors.ts'
    ]
  ],
  'journal.ts': ['report', 'domain', 'ports.ts'],
  steps: ['domain', ...PORTS, 'concurrency.ts', 'errors.ts'],
  edge: ['domain', ...PORTS, 'concurrency.ts', 'errors.ts'],
  upload: ['bundle', 'domain', 'storage-port.ts', 'concurrency.ts', 'errors.ts'],
  'ports.ts': [
    'domain',
    'report',
    'storage-port.ts',
    'github-port.ts',
    'setup-port.ts',
    'cleanup-port.ts',
    'check-port.ts',
    'copy-port.ts',
    'preview-port.ts'
  ],
  'check-port.ts': ['domain'],
  'copy-port.ts': ['domain'],
  'storage-port.ts': ['domain'],
  'github-port.ts': [],
  'setup-port.ts': ['domain'],
  'cleanup-port.ts': ['domain'],
  'preview-port.ts': ['domain'],
  setup: ['appspec', 'domain'],
  inputs: ['domain', 'errors.ts'],
  report: ['domain'],
  appspec: ['domain'],
  archive: ['domain'],
  bundle: ['domain', 'concurrency.ts', 'errors.ts'],
  domain: ['errors.ts'],
  'concurrency.ts': [],
  'errors.ts': []
}

/** Packages, and the only room that may import them. */
const PACKAGES: readonly [RegExp, string][] = [
  [/^@actions\//, 'edge'],
  [/^@(?:aws-sdk|smithy)\//, 'edge'],
  [/^https?-proxy-agent$/, 'edge'],
  [/^ignore$/, 'bundle']
]

/** Room → the parts of Node that touch something outside of the process. */
const MAY_TOUCH: Readonly<Record<string, RegExp>> = {
  edge: /fs|child_process|stream|timers|http|net|tls/,
  bundle: /fs|os|worker_threads/,
  archive: /fs/,
  upload: /fs/,
  commands: /^fs$/,
  inputs: /^fs$/
}
const TOUCHING = /^(fs|fs\/promises|os|child_process|worker_threads|timers.*|http.*|net|tls|process)$/

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

interface Reading {
  file: string
  lines: number
  imports: Import[]
  classes: ts.ClassDeclaration[]
  functions: { name: string; lines: number; parameters: number }[]
  /** Uses of the environment, the clock and timers. */
  globals: string[]
}

const isText = (node: ts.Node | undefined): node is ts.StringLiteral =>
  node !== undefined && ts.isStringLiteral(node)

/** What a node imports, and whether it is a type alone. */
const importOf = (node: ts.Node): { to: string; typeOnly: boolean } | undefined => {
  if (ts.isImportDeclaration(node) && isText(node.moduleSpecifier))
    return { to: node.moduleSpecifier.text, typeOnly: node.getText().startsWith('import type') }
  if (ts.isExportDeclaration(node) && isText(node.moduleSpecifier))
    return { to: node.moduleSpecifier.text, typeOnly: node.getText().startsWith('export type') }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && isText(node.argument.literal))
    return { to: node.argument.literal.text, typeOnly: true }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [target] = node.arguments
    return isText(target) ? { to: target.text, typeOnly: false } : { to: '(computed)', typeOnly: false }
  }
  return undefined
}

const GLOBALS =
  /^(console\.\w+|process\.(env|exit|exitCode|on|cwd|stdout|stderr)|Date\.now|new Date\(\)|performance\.now|set(Timeout|Interval|Immediate))$/

const globalOf = (node: ts.Node): string | undefined => {
  const text =
    ts.isPropertyAccessExpression(node) || ts.isNewExpression(node)
      ? node.getText()
      : ts.isCallExpression(node) && ts.isIdentifier(node.expression)
        ? node.expression.text
        : ''
  return GLOBALS.test(text) ? text : undefined
}

/** Lines of a function without those of the functions in it, which are read on their own. */
const ownLines = (node: ts.Node, source: ts.SourceFile): number => {
  const linesOf = (part: ts.Node): number =>
    source.getLineAndCharacterOfPosition(part.end).line -
    source.getLineAndCharacterOfPosition(part.getStart()).line +
    1
  let inner = 0
  const visit = (part: ts.Node): void => {
    if (ts.isFunctionLike(part)) inner += linesOf(part) - 1
    else ts.forEachChild(part, visit)
  }
  ts.forEachChild(node, visit)
  return linesOf(node) - inner
}

const nameOf = (node: ts.SignatureDeclaration): string => {
  const { parent } = node
  const named =
    node.name ??
    (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name : undefined)
  return named?.getText() ?? '(unnamed)'
}

const readSource = (file: string): Reading => {
  const text = readFileSync(join(SOURCE, file), 'utf8')
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true)
  const reading: Reading = {
    file,
    lines: text.trimEnd().split('\n').length,
    imports: [],
    classes: [],
    functions: [],
    globals: []
  }
  const visit = (node: ts.Node): void => {
    const imported = importOf(node)
    if (imported !== undefined) reading.imports.push({ from: file, ...imported })
    if (ts.isClassDeclaration(node)) reading.classes.push(node)
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined)
      reading.functions.push({
        name: nameOf(node),
        lines: ownLines(node, source),
        parameters: node.parameters.length
      })
    const used = globalOf(node)
    if (used !== undefined) reading.globals.push(used)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return reading
}

const room = (file: string): string => file.split('/')[0] ?? ''

const readings = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map(readSource)
const imports = readings.flatMap((reading) => reading.imports)
const local = imports
  .filter(({ to }) => to.startsWith('.'))
  .map(({ from, to, typeOnly }) => ({
    from,
    to: relative(SOURCE, join(SOURCE, dirname(from), to)).replace(/\.js$/, '.ts'),
    typeOnly
  }))

test('every room has a rule', () => {
  expect([...new Set(readings.map(({ file }) => room(file)))].sort()).toEqual(Object.keys(MAY_IMPORT).sort())
})

test('imports point down only', () => {
  const upward = local.filter(
    ({ from, to }) => room(from) !== room(to) && MAY_IMPORT[room(from)]?.includes(room(to)) !== true
  )
  expect(upward.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('no rule is left over', () => {
  const used = new Set(local.map(({ from, to }) => `${room(from)} → ${room(to)}`))
  const rules = Object.entries(MAY_IMPORT).flatMap(([from, rooms]) => rooms.map((to) => `${from} → ${to}`))
  expect(rules.filter((rule) => !used.has(rule))).toEqual([])
})

test('no file imports itself by way of others', () => {
  const next = (file: string): string[] => local.filter(({ from }) => from === file).map(({ to }) => to)
  const done = new Set<string>()
  const circles: string[] = []
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (path.includes(file) || done.has(file)) return
    for (const to of next(file)) walk(to, [...path, file])
    done.add(file)
  }
  for (const { file } of readings) walk(file, [])
  expect(circles).toEqual([])
})

describe('the outside', () => {
  const foreign = imports.filter(({ to }) => !to.startsWith('.'))

  test('is a package only where it belongs', () => {
    const misplaced = foreign.filter(
      ({ from, to }) =>
        !to.startsWith('node:') && !PACKAGES.some(([name, home]) => name.test(to) && room(from) === home)
    )
    expect(misplaced.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })

  test('is a part of Node that touches it only where it belongs', () => {
    const misplaced = foreign
      .map(({ from, to }) => ({ from, to: to.replace('node:', '') }))
      .filter(({ from, to }) => TOUCHING.test(to) && MAY_TOUCH[room(from)]?.test(to) !== true)
    expect(misplaced.map(({ from, to }) => `${from} imports node:${to}`)).toEqual([])
  })

  test('is the environment, the clock or a timer at the bootstrap and the edge alone', () => {
    const misplaced = readings.filter(
      ({ file, globals }) => globals.length > 0 && !['index.ts', 'bootstrap.ts', 'edge'].includes(room(file))
    )
    expect(misplaced.map(({ file, globals }) => `${file} uses ${globals.join(', ')}`)).toEqual([])
  })
})

test('nothing is printed but by the runner at the edge, which makes every text harmless', () => {
  const toolkit = imports.filter(({ from, to }) => to === '@actions/core' && from !== 'edge/runner.ts')
  expect(toolkit.map(({ from }) => from)).toEqual([])
  const printing = readings.filter(
    ({ file, globals }) =>
      file !== 'index.ts' && globals.some((name) => /^(console|process\.std(out|err)$)/.test(name))
  )
  expect(printing.map(({ file, globals }) => `${file} uses ${globals.join(', ')}`)).toEqual([])
})

describe('the network', () => {
  /** What opens connections, and the files that may have it. */
  const OPENERS =
    /^(node:(http|https|net|tls|http2|dgram)|@smithy\/node-http-handler|https?-proxy-agent|undici)$/
  const OPENING = ['edge/connection.ts', 'edge/proxy-agent.ts']
  /** They read addresses, and look at sockets that others opened. */
  const READING = ['edge/proxy.ts node:net', 'edge/silence.ts node:net']

  test('is opened in one place, which knows the proxy', () => {
    const others = imports
      .filter(({ from, to, typeOnly }) => OPENERS.test(to) && !typeOnly && !OPENING.includes(from))
      .map(({ from, to }) => `${from} ${to}`)
    expect(others).toEqual(READING)
  })

  const sources = readings.map(({ file }) => ({ file, text: readFileSync(join(SOURCE, file), 'utf8') }))
  const clients = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/(?:new \w+Client|\bfromNode\w+|\bgetOctokit)\((?=(?<given>[^;]{0,400}))/g)].map(
      (match) => ({
        client: `${file}: ${match[0].split('(')[0] ?? ''}`,
        given: match.groups?.['given'] ?? '',
        text
      })
    )
  )

  test('is reached by every client through that place', () => {
    expect(clients.length).toBeGreaterThan(5)
    const astray = clients.filter(({ given, text }) => {
      const config = /^\(?\{?\s*(?:\.\.\.)?(?:clientConfig: )?config\b/.test(given)
      const made = /^\{?\s*\.\.\.clientConfig\(/.test(given)
      const fetches =
        /request: \{ fetch,/.test(given.split('\n')[0] ?? '') && text.includes("from './fetch.js'")
      return !(made || fetches || (config && text.includes('const config = clientConfig(')))
    })
    expect(astray.map(({ client, given }) => `${client}(${given.split('\n')[0] ?? ''}`)).toEqual([])
  })

  test('is not reached by the fetch of Node, and no client has a handler of its own', () => {
    const astray = sources.filter(
      ({ file, text }) =>
        (/(?<![\w.])fetch\(['"`]|globalThis\.fetch/.test(text) && !text.includes("from './fetch.js'")) ||
        (/requestHandler:/.test(text) && file !== 'edge/client-config.ts')
    )
    expect(astray.map(({ file }) => file)).toEqual([])
  })
})

test('the local cloud measures no wait by timestamps, which no time scale makes faster', () => {
  const CLOUD = join(ROOT, 'test/cloud')
  const files = readdirSync(CLOUD, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(?<!\.test)\.ts$/.test(file)
  )
  expect(files.length).toBeGreaterThan(100)
  // The clock itself, processes that really run, and the fault of a clock that is off.
  const allowed = ['clock.ts', 'machines/hook.ts', 'wire/server.ts']
  const astray = files
    .filter((file) => !allowed.includes(file))
    .filter((file) =>
      /\bnow\(\) *[-+<>]|(?<!=)[-+<>]=? *(?:[\w.]+\.)?now\(\)/.test(readFileSync(join(CLOUD, file), 'utf8'))
    )
  expect(astray).toEqual([])
})

test('no class but errors', () => {
  const others = readings.flatMap(({ file, classes }) =>
    classes
      .filter((one) => !/^extends (\w*Error)\b/.test(one.heritageClauses?.[0]?.getText() ?? ''))
      .map((one) => `${file} ${one.name?.text ?? ''}`)
  )
  expect(others).toEqual([])
})

describe('budgets', () => {
  test('a file has at most 250 lines', () => {
    const over = readings.filter(({ lines }) => lines > 250)
    expect(over.map(({ file, lines }) => `${file} has ${lines} lines`)).toEqual([])
  })

  test('a function has at most 40 lines of its own and four parameters', () => {
    const over = readings.flatMap(({ file, functions }) =>
      functions
        .filter(({ lines, parameters }) => lines > 40 || parameters > 4)
        .map(({ name, lines, parameters }) => `${file} ${name}: ${lines} lines, ${parameters} parameters`)
    )
    expect(over).toEqual([])
  })
})
