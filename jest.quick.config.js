// For `npm run test:quick`: what runs in this process, by the rule below.
import base, { announcing } from './jest.config.js'

/** What starts dist/index.js, a browser, act, unpackers or instances for most of what it checks, or plays hundreds of deployments. */
const LEFT_OUT = [
  ...[
    'browser/',
    'bundle/huge',
    'bundle/unpackers',
    'cloud/balancer/',
    'cloud/machines/',
    'faults/',
    'hostile/',
    'live/'
  ],
  ...['network/', 'scenarios/', 'stack/by-hand', 'stack/setup-page', 'workflows/']
]

export default {
  ...base,
  testPathIgnorePatterns: ['/node_modules/', ...LEFT_OUT.map((path) => `<rootDir>/test/${path}`)],
  reporters: announcing(
    'The tests that run in one process: less than a minute on two quiet cores.\n' +
      `Left out, since they start the action, instances or a browser, or take long: test/${LEFT_OUT.join(', test/')}.`
  )
}
