// For `npm run test:full`: what `npm test` plays a sample of (test/sample.ts), whole, and what it leaves out.
import base, { announcing, LONG } from './jest.config.js'

export default {
  ...base,
  globals: { sweep: 'whole' },
  testPathIgnorePatterns: ['/node_modules/'],
  testMatch: [
    ...['faults/matrix', 'faults/previews', 'faults/environments', 'scenarios/friday'],
    ...LONG
  ].map((file) => `<rootDir>/test/${file}.test.ts`),
  reporters: announcing(
    'The sweeps of which npm test plays a sample, whole, and what it leaves out: about 40 minutes on two quiet cores.'
  )
}
