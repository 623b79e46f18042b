/** `npm run demo` shows deployments under load and two ways back; `npm run demo -- preview` the life of a pull request. */
const [what = 'deployments'] = process.argv.slice(2)
if (what === 'preview') {
  const { demoPreview } = await import('./preview.js')
  await demoPreview()
} else if (what === 'deployments') await import('./deployments.js')
else {
  console.error(`demo: there is no "${what}", only "deployments" (the default) and "preview"`)
  process.exitCode = 1
}

export {}
