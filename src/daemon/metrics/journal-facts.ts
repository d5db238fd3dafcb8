/** The journal in numbers. */
export interface JournalFacts {
  readonly bytes: number;
  readonly records: number;
  /** It could not be rewritten though it is large. */
  readonly oversized: boolean;
}
