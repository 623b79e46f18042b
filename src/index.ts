import { isMainThread, workerData } from 'node:worker_threads'

// One file is both the action and its workers. Whatever is heavy is imported inside, so that a worker does not load what
// only the action needs; `eager` keeps ncc from splitting the file.
const role = isMainThread ? 'action' : (workerData as { role?: string } | null)?.role

if (role === 'action') {
  // Said before anything else is loaded, so that whoever looks at the log sees at once what this step does.
  const command = /^[a-z]{1,20}$/.exec(process.env['INPUT_COMMAND'] ?? '')?.[0] ?? 'deploy'
  process.stdout.write(`CodeDeploy blue/green: ${command}\n`)
  const { enter } = await import(/* webpackMode: "eager" */ './door.js')
  await enter()
}
if (role === 'pack') {
  const { runPackWorker } = await import(/* webpackMode: "eager" */ './bundle/worker.js')
  runPackWorker()
}
