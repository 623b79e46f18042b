/** The suite begins by saying so. */
export const announcing = (text) => ['default', ['<rootDir>/test/announce.js', { text }]]

/** They take about a minute each, so `npm test` leaves them out, unless files are named, and `npm run test:full` plays them. */
export const LONG = [
  ...['bundle/huge', 'cloud/balancer/swap', 'network/clock', 'steps/large-fleet'],
  ...[
    'faults/cancel',
    'faults/conflicts',
    'faults/kill',
    'faults/long',
    'hostile/bundles',
    'hostile/previews'
  ],
  ...[
    'scenarios/alarms',
    'scenarios/fixed-swap',
    'scenarios/instance-logs',
    'scenarios/large-fleet',
    'scenarios/live',
    'scenarios/manifest'
  ],
  ...['stack/by-hand', 'stack/setup-page', 'browser/summary', 'network/proxy', 'live/pasts'],
  ...['hostile/text', 'faults/ten-pulls'],
  ...[
    'scenarios/calls',
    'scenarios/cleanup',
    'scenarios/copied-group',
    'scenarios/fixed-fleets',
    'scenarios/health',
    'scenarios/in-place',
    'scenarios/waiting'
  ],
  ...['scenarios/order', 'scenarios/preview', 'scenarios/rollback-fast', 'scenarios/switches'],
  ...['scenarios/bad-target', 'scenarios/undone', 'scenarios/why'],
  ...['scenarios/preview-environment', 'workflows/act.preview'],
  ...['bundle/plain-deflate', 'bundle/unpackers', 'faults/strange', 'stack/previews-page'],
  ...[
    'scenarios/endings',
    'scenarios/foreseen',
    'scenarios/identity',
    'scenarios/plan-calls',
    'scenarios/roles',
    'scenarios/screen',
    'scenarios/texts'
  ]
]
const namesFiles = process.argv.slice(2).some((one) => /(^|\/)test(\/|$)/.test(one))

// On Node.js 20, the SDK that the tests themselves use would print in each file that it wants a newer one next year.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/lib/', '<rootDir>/.scratch/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }
    ]
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(namesFiles ? [] : LONG.map((file) => `<rootDir>/test/${file}\\.test\\.ts$`))
  ],
  reporters: announcing(
    'All tests but the longest, and a sample of the largest sweeps: about 6 minutes on two quiet cores.\n' +
      'npm run test:quick takes less than one; npm run test:full plays what is left, about 40 minutes.'
  ),
  maxWorkers: 2,
  // Ends what hangs. No test has a shorter limit, so that none fails on a machine that is busy with other things.
  testTimeout: 1_200_000
}
