// For `npm run test:full`: what `npm test` plays a sample of (test/sample.ts), whole.
import base, { announcing } from './jest.config.js'

export default {
  ...base,
  globals: { sweep: 'whole' },
  testMatch: ['faults/matrix', 'faults/previews', 'faults/ten-pulls', 'hostile/text'].map(
    (file) => `<rootDir>/test/${file}.test.ts`
  ),
  reporters: announcing(
    'The matrices of which npm test plays a sample, whole: about 8 minutes on two quiet cores.'
  )
}
