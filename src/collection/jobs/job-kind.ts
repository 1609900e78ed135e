/** What a running job sees. Items that fail by themselves are reported; anything thrown fails the job. */
export interface JobRun {
  readonly collection: string | null
  /** As given to the start. */
  readonly input: unknown
  /** As last saved; null the first time. */
  readonly checkpoint: unknown
  /** As last told; null the first time. */
  readonly details: unknown
  /** Aborts when the job is cancelled or the service stops. */
  readonly signal: AbortSignal
  /** How many items there are, once known. */
  expect(total: number): void
  /** One more item is done: what became of it, in a word. */
  count(outcome: string): void
  /** So much of so much is done, where that is no count of items. */
  at(done: number, total: number): void
  /** What the job tells besides, plain JSON; replaces what it told before. */
  tell(details: unknown): void
  /** One item is done and failed. @throws the error itself when it says more than that this item is bad. */
  refuse(item: string, error: unknown): void
  /** Whatever was counted until now is not done again after a restart. */
  save(checkpoint: unknown): Promise<void>
  /** Calls again, after a while, what fails with "not now". */
  retry<T>(call: () => Promise<T>): Promise<T>
}

/** A kind of work that runs as jobs: imports, and whatever joins them. */
export interface JobKind {
  /** In `kind` of its jobs; never changes, as stored jobs bear it. */
  readonly name: string
  /** Ends early, in any way, when the signal aborts. What it does again after a restart must do no harm. */
  run(run: JobRun): Promise<void>
  /** Frees what the input stands for, once the job has ended in any way. */
  discard(input: unknown): Promise<void>
}
