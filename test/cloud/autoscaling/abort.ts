/** The promise's result, or a rejection as soon as the signal is aborted. The promise itself keeps running. */
export const untilAborted = <Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> =>
  new Promise((resolve, reject) => {
    const fail = (): void => reject(signal.reason as Error)
    if (signal.aborted) {
      promise.catch(() => undefined)
      fail()
      return
    }
    signal.addEventListener('abort', fail)
    const settle = (): void => signal.removeEventListener('abort', fail)
    promise.then(
      (result) => {
        settle()
        resolve(result)
      },
      (reason: unknown) => {
        settle()
        reject(reason instanceof Error ? reason : new Error(String(reason)))
      }
    )
  })
