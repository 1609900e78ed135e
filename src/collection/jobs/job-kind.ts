/** A running job as its kind sees it. Items that fail by themselves are refused; anything thrown fails the job. */
export interface JobRun {
  readonly collection: string | null
  /** As given to the start. */
  readonly input: unknown
  /** As last saved; null the first time. */
  readonly checkpoint: unknown
  /** As last reported; null the first time. */
  readonly details: unknown
  /** Aborts when the job is cancelled or the service stops. */
  readonly signal: AbortSignal
  /** Sets the number of items, once it is known. */
  expect(total: number): void
  /** Counts one more item as done. @param outcome what became of it, in a word. */
  count(outcome: string): void
  /** Sets how much is done where that is no count of items. */
  at(done: number, total: number): void
  /** Replaces the details of the job: plain JSON. */
  report(details: unknown): void
  /** Counts one item as done and failed. @throws the error itself when not this item alone is to blame. */
  refuse(item: string, error: unknown): void
  /** Saves the job: whatever was counted until now is not done again after a restart. */
  save(checkpoint: unknown): Promise<void>
  /** Calls again, after a while, what fails with QUEUE_FULL or NOT_READY. */
  retry<T>(call: () => Promise<T>): Promise<T>
}

/** A kind of work that runs as jobs. */
export interface JobKind {
  /** The `kind` of its jobs; it never changes, as stored jobs bear it. */
  readonly name: string
  /** Ends early, in any way, when the signal aborts. Work that is done again after a restart must do no harm. */
  run(run: JobRun): Promise<void>
  /** Frees what the input stands for, once the job has ended in any way. */
  discard?(input: unknown): Promise<void>
}
