// Builds dist/index.js, one file with the same bytes on every machine. ncc numbers modules by their paths relative to its working
// folder, so that folder is next to the real node_modules, even if node_modules is a link.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { build as esbuild, transform } from 'esbuild'
import { minify } from 'terser'

const root = join(import.meta.dirname, '..')
const modules = realpathSync(join(root, 'node_modules'))
const work = mkdtempSync(join(dirname(modules), '.build-'))
const lib = join(work, 'lib')
const dist = join(root, 'dist')

const run = async (cwd, script, ...args) => {
  const child = spawn(process.execPath, [join(modules, script), ...args], { cwd, stdio: 'inherit' })
  const [code, signal] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${script} ended with ${code ?? signal}`)
}
const ncc = (...args) => run(work, '@vercel/ncc/dist/ncc/cli.js', 'build', ...args)

/**
 * Bundles one program and puts it into `module` as the text `constant`. Text costs a run that does not need the program almost
 * nothing, while code is parsed in every run.
 */
const embed = async ({ name, program, module, constant, small = false }) => {
  const entry = join(work, `${name}.cjs`)
  writeFileSync(entry, program)
  await ncc(entry, '-o', join(work, name), '--license', 'licenses.txt')
  const whole = readFileSync(join(work, name, 'index.cjs'), 'utf8')
  const text = small ? (await transform(whole, { minify: true, legalComments: 'none' })).code : whole
  writeFileSync(join(lib, module), `export const ${constant} = ${JSON.stringify(text)}\n`)
}

/**
 * @actions/core has an HTTP client (with undici, 0.6 MB) to request OIDC tokens, which src/edge/oidc.ts does here. A stub that
 * throws replaces it. The one of @actions/github stays.
 */
const noHttpClient = () => {
  writeFileSync(
    join(work, 'no-http-client.js'),
    `const refuse = () => { throw new Error('This build requests OIDC tokens in src/edge/oidc.ts') }
export class HttpClient { constructor() { refuse() } }
export class BearerCredentialHandler { constructor() { refuse() } }
`
  )
  const names = ['@actions/http-client', '@actions/http-client/lib/auth']
  return Object.fromEntries(names.map((name) => [name, ['./no-http-client.js']]))
}

/**
 * The proxy agents write whole request headers, including tokens, to their debug output (of `debug`, if DEBUG is set), and have
 * Kerberos authentication, which the action does not use. Both are left out.
 */
const quietProxyAgents = () => {
  writeFileSync(join(work, 'no-debug.js'), 'export default () => () => undefined\n')
  writeFileSync(join(work, 'no-negotiate.js'), 'export const createNegotiateAuth = () => undefined\n')
  return { debug: ['./no-debug.js'], 'proxy-agent-negotiate': ['./no-negotiate.js'] }
}

/** The ES modules of an SDK package: the name they are imported by, and the file. */
const esModules = (name) => {
  const folder = join(modules, name)
  const { exports, module } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.entries(exports ?? { '.': { module } }).flatMap(([path, to]) =>
    to?.module?.includes('/dist-es/') && existsSync(join(folder, to.module))
      ? [[`${name}${path.slice(1)}`, to.module]]
      : []
  )
}

/**
 * Uses the SDK's ES modules instead of the CommonJS ones that ncc would choose: ncc can then leave out what no command uses, and a
 * run starts 5 % sooner. They are copied to make their dynamic imports eager, which would otherwise become separate files.
 */
const leanSdk = async () => {
  const names = ['@aws-sdk', '@smithy'].flatMap((scope) =>
    readdirSync(join(modules, scope)).map((name) => `${scope}/${name}`)
  )
  const paths = {}
  for (const name of names)
    for (const [imported, file] of esModules(name)) {
      const copy = join(work, 'node_modules', name)
      if (name.startsWith('@aws-sdk/client-')) {
        await leanClient(name, file, copy)
        paths[imported] = [join('node_modules', name, file)]
        continue
      }
      cpSync(join(modules, name), copy, {
        recursive: true,
        filter: (path) => !/dist-(?:cjs|types)|node_modules$/.test(path.slice(modules.length + name.length))
      })
      paths[imported] = [join('node_modules', name, file)]
    }
  for (const file of readdirSync(join(work, 'node_modules'), { recursive: true }))
    if (file.endsWith('.js')) importEagerly(join(work, 'node_modules', file))
  return paths
}

/**
 * One file with what src/edge imports of a client. A client describes every operation of its service in one module (EC2's has 1.4 MB);
 * reading all of it before leaving out the rest would take ncc and terser longer than everything else.
 */
const leanClient = async (name, file, copy) => {
  const imported = readdirSync(join(lib, 'edge')).flatMap((source) => [
    ...readFileSync(join(lib, 'edge', source), 'utf8').matchAll(
      new RegExp(`import \\{([^}]*)\\} from '${name}'`, 'g')
    )
  ])
  const exported = [
    ...new Set(imported.flatMap(([, list]) => list.split(',').map((one) => one.trim().split(' as ')[0])))
  ]
  if (exported.length === 0) return
  await esbuild({
    stdin: {
      contents: `export { ${exported.join(', ')} } from './${name}/${file.replace(/^\.\//, '')}'`,
      resolveDir: modules
    },
    outfile: join(copy, file),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    plugins: [literalKeys],
    logLevel: 'error'
  })
  for (const kept of ['package.json', 'LICENSE']) cpSync(join(modules, name, kept), join(copy, kept))
}

/** Writes the computed keys of a client's schemas as the text that they are, since the call that computes one might do something. */
const literalKeys = {
  name: 'literal-keys',
  setup: (building) =>
    building.onLoad({ filter: /schemas_\d+\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      const values = new Map(
        [...text.matchAll(/^const (_\w+) = (".*");$/gm)].map(([, name, value]) => [name, value])
      )
      return { contents: text.replace(/\[(_\w+)\]:/g, (key, name) => `${values.get(name) ?? `[${name}]`}:`) }
    })
}

const importEagerly = (file) => {
  const text = readFileSync(file, 'utf8')
  const eager = text.replace(/\bimport\((?=["'])/g, 'import(/* webpackMode: "eager" */ ')
  if (eager !== text) writeFileSync(file, eager)
}

/**
 * Turns modules into `function …`, because V8 reads a parenthesized `(…) => …` twice, and removes unused code, comments and white
 * space, in ASCII: a short run takes 10 % less time. Names stay and lines are short, so that a stack trace is still readable.
 */
const slim = async (file) => {
  const text = readFileSync(file, 'utf8').replace(
    /^\/\*\*\*\/ \(\(([\w, ]*)\) => \{$/gm,
    '/***/ (function($1) {'
  )
  const { code } = await minify(text, {
    toplevel: true,
    ecma: 2020,
    mangle: false,
    compress: { inline: 0, collapse_vars: false, sequences: false, keep_fargs: true },
    format: { ascii_only: true, max_line_len: 120, comments: false }
  })
  writeFileSync(file, `${code}\n`)
}

try {
  rmSync(dist, { recursive: true, force: true })
  writeFileSync(join(work, 'package.json'), '{}\n')
  await run(root, '@typescript/compiler/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', lib)
  // While these work, the SDK is copied.
  const worker = embed({
    name: 'pack-worker',
    program: `require('./lib/bundle/worker.js').runPackWorker()\n`,
    module: 'bundle/worker-source.js',
    constant: 'WORKER_SOURCE'
  })
  const github = embed({
    name: 'github',
    program: `module.exports = require('./lib/edge/github.js')\n`,
    module: 'edge/github-source.js',
    constant: 'GITHUB_SOURCE',
    small: true
  })
  const paths = { ...noHttpClient(), ...quietProxyAgents(), ...(await leanSdk()) }
  await Promise.all([worker, github])
  writeFileSync(join(work, 'tsconfig.json'), JSON.stringify({ compilerOptions: { baseUrl: '.', paths } }))
  await ncc(join(lib, 'index.js'), '-o', dist, '--license', 'licenses.txt')
  await slim(join(dist, 'index.js'))
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n')
  const licenses = join(dist, 'licenses.txt')
  appendFileSync(licenses, `\n${readFileSync(join(work, 'github', 'licenses.txt'), 'utf8')}`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
