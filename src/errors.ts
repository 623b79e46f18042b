/**
 * A mistake or a refusal that a person can act on: what happened (with the value received) and what to do next.
 * The bootstrap prints both; anything else that is thrown is a fault of ours and is shown with its stack in debug mode.
 */
export class UserError extends Error {
  override readonly name = 'UserError'
  /** What to do next, in one or more sentences. */
  readonly hint: string

  constructor(message: string, hint: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.hint = hint
  }
}
