// For `npm run test:full`: what `npm test` plays a sample of (test/sample.ts), whole.
import base, { announcing } from './jest.config.js'

export default {
  ...base,
  globals: { sweep: 'whole' },
  testMatch: ['faults/matrix', 'hostile/text'].map((file) => `<rootDir>/test/${file}.test.ts`),
  reporters: announcing(
    'The matrices of which npm test plays a sample, whole: about 5 minutes on two quiet cores.'
  )
}
