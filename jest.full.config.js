// For `npm run test:full`: what `npm test` plays a sample of (test/sample.ts), whole.
import base, { announcing } from './jest.config.js'

export default {
  ...base,
  globals: { sweep: 'whole' },
  testMatch: [
    ...['faults/matrix', 'faults/previews', 'faults/ten-pulls', 'hostile/text', 'browser/summary'],
    ...['scenarios/live', 'scenarios/friday', 'scenarios/rollback-fast']
  ].map((file) => `<rootDir>/test/${file}.test.ts`),
  reporters: announcing(
    'The sweeps of which npm test plays a sample, whole: about 12 minutes on two quiet cores.'
  )
}
