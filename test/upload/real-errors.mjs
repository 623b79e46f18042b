import { TestEnvironment } from 'jest-environment-node'

/**
 * Errors of Node itself (a reset connection) come from outside of jest's sandbox and are no instances of the Error within,
 * so the SDK takes them for something else than in a real run. Here both are one.
 */
export default class RealErrors extends TestEnvironment {
  constructor(config, context) {
    super(config, context)
    this.global.Error = Error
  }
}
