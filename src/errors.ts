/**
 * An error that a person can act on: what happened (with the value received) and what to do next. The bootstrap prints
 * both. Anything else that is thrown is a bug in this action; its stack is shown in debug mode.
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

/** The reason with which a cancel of the job ends what is running. It is no failure of what it ended. */
export class Canceled extends UserError {}
