/** What an error means for a person: a plain sentence, and what to do next. */
export interface Explanation {
  meaning: string
  next: string
}
