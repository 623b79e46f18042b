import { rename, rm, writeFile } from 'node:fs/promises'
import { HELP, parseOptions, type CommandLine } from './options.js'
import { startCloud, type Cloud } from './start.js'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const readCommandLine = (): CommandLine | undefined => {
  try {
    return parseOptions(process.argv.slice(2))
  } catch (error) {
    console.error(
      `cloud: ${error instanceof Error ? error.message : String(error)}; --help lists the options`
    )
    process.exitCode = 1
    return undefined
  }
}

/** A reader of the file finds all of it or nothing. */
const writeEnvironment = async (file: string, env: Record<string, string>): Promise<void> => {
  const text = Object.entries(env).map((pair) => `${pair.join('=')}\n`)
  await writeFile(`${file}.tmp`, text.join(''), { mode: 0o600 })
  await rename(`${file}.tmp`, file)
}

const ended = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })

const serve = async (cloud: Cloud, envFile: string | undefined): Promise<void> => {
  const end = ended()
  if (envFile !== undefined) await writeEnvironment(envFile, cloud.env)
  say(
    `cloud: AWS and GitHub at ${cloud.url}, the service at ${cloud.env['SERVICE_URL'] ?? '-'}, ${envFile ?? 'no environment file'}`
  )
  await end
  await cloud.stop()
  if (envFile !== undefined) await rm(envFile, { force: true })
}

const main = async (): Promise<void> => {
  const line = readCommandLine()
  if (line === undefined) return
  if (line.help) say(HELP)
  else await serve(await startCloud(line.cloud), line.envFile)
  process.exit()
}

await main()
