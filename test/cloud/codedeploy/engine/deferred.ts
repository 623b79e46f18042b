/** A promise that is settled from outside. */
export interface Deferred<Result> {
  promise: Promise<Result>
  resolve(result: Result): void
}

export const deferred = <Result>(): Deferred<Result> => {
  let settle: (result: Result) => void = () => undefined
  const promise = new Promise<Result>((resolve) => (settle = resolve))
  return { promise, resolve: (result) => settle(result) }
}
