/**
 * `github.ts` with GitHub's client as text (CommonJS), which the build puts here. Most runs do not need these 1.1 MB, because the
 * event has the subject; as code, they would cost every run 40 ms. Empty in the source itself.
 */
export const GITHUB_SOURCE: string = ''
