/**
 * `commits.ts` with GitHub's client as text (CommonJS), which the build puts here: 1.1 MB that most runs do not need, since the
 * event tells the subject. Read as code by every run they take 40 ms. Empty in the sources themselves.
 */
export const COMMITS_SOURCE: string = ''
