/** Where the new vectors come from. */
export type ReembedSource =
  | { readonly kind: 'originals' }
  /** Those there are, of the backbone of the new model. */
  | { readonly kind: 'vectors' }
  /** Below the import root: the file of a record is named by its id. */
  | { readonly kind: 'folder'; readonly folder: string }

/** What a re-embedding was asked to do; stored with its job as JSON. */
export interface ReembedInput {
  readonly model: string
  readonly from: ReembedSource
  /** Whether records that get no vector fail the job, or stay without one: then no search finds them. */
  readonly missing: 'fail' | 'keep'
}
