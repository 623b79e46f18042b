import { TestEnvironment } from 'jest-environment-node'

/**
 * Node's own errors, such as a reset connection, come from outside jest's sandbox and are not instances of the Error inside it, so
 * the SDK would treat them differently than in a real run. Here both are the same class.
 */
export default class RealErrors extends TestEnvironment {
  constructor(config, context) {
    super(config, context)
    this.global.Error = Error
  }
}
