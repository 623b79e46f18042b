// Printed before anything else is loaded, so that the log shows at once what this step does. `eager` keeps ncc from splitting
// the file.
const command = /^[a-z-]{1,20}$/.exec(process.env['INPUT_COMMAND'] ?? '')?.[0] ?? 'deploy'
// A closed pipe (EPIPE) or a full disk behind the log must not end a deployment: the exit code reports its outcome.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
process.stdout.write(`CodeDeploy blue/green: ${command}\n`)
void import(/* webpackMode: "eager" */ './bootstrap.js').then(({ start }) => start())
export {}
