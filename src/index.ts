// Said before anything else is loaded, so that whoever looks at the log sees at once what this step does; `eager` keeps ncc
// from splitting the file.
const command = /^[a-z]{1,20}$/.exec(process.env['INPUT_COMMAND'] ?? '')?.[0] ?? 'deploy'
// A reader who left (EPIPE), or a full disk behind the log, ends no deployment: its outcome is the exit code.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
process.stdout.write(`CodeDeploy blue/green: ${command}\n`)
void import(/* webpackMode: "eager" */ './bootstrap.js').then(({ start }) => start())
export {}
