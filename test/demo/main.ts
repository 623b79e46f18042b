/**
 * `npm run demo` shows deployments under load and two ways back; `npm run demo -- setup` the way from an empty account to the first
 * deployment; `npm run demo -- preview` the life of a pull request; `npm run demo -- hang` deployments that would hang for an hour.
 */
// On Node.js 20, the SDK that the demo itself uses would print that it wants a newer one next year.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const [what = 'deployments'] = process.argv.slice(2)
if (what === 'preview') {
  const { demoPreview } = await import('./preview.js')
  await demoPreview()
} else if (what === 'setup') {
  const { demoSetup } = await import('./setup.js')
  await demoSetup()
} else if (what === 'hang') {
  const { demoHang } = await import('./hang.js')
  await demoHang()
} else if (what === 'deployments') await import('./deployments.js')
else {
  console.error(
    `demo: there is no "${what}", only "deployments" (the default), "setup", "preview" and "hang"`
  )
  process.exitCode = 1
}

export {}
