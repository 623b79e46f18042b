// For `npm run mutants`.
import base from './jest.config.js'

/** The tests that run in process; whole runs of dist/index.js can't see a mutant of src/. */
export default {
  ...base,
  maxWorkers: 1,
  reporters: ['default'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/lib/'],
  testMatch: ['domain', 'steps', 'report'].map((room) => `<rootDir>/test/${room}/**/*.test.ts`)
}
