import { AppError, type ErrorCode, type InputIssue } from '../../../errors.ts'
import type { CollectionSpec } from '../../collection-spec.ts'
import type { Filter } from '../../filter.ts'
import type { LackingSlice, NewGeneration, StoredGeneration } from './generation-store.ts'
import type {
  KeptContent,
  NewRecord,
  StoredCollection,
  StoredRecord,
  VectorRange,
} from './record-store.ts'

/**
 * A record on its way between threads. Metadata travels as its JSON text: that is how it is stored, it is
 * cheaper to parse than to clone, and cloning would lose a member named `__proto__`.
 */
export type WireRecord = Omit<StoredRecord, 'metadata'> & { readonly metadata: string }

type WireNewRecord = Omit<NewRecord, 'metadata'> & { readonly metadata: string }

/** A slice of a walk over vectors. */
export interface VectorSlice {
  readonly keys: readonly number[]
  readonly ids: readonly string[]
  readonly vectors: Float32Array
  readonly fingerprints: readonly (string | null)[]
  /** The largest key when the walk began. Later versions have larger keys, so it ends here. */
  readonly upto: number
}

/** Calls a thread answers: arguments and result by name. */
export type CallTable = { [kind: string]: { args: unknown; result: unknown } }

/** `at` is the time of the change, ISO 8601, UTC. */
export type WriterCalls = {
  createCollection: { args: { spec: CollectionSpec; at: string }; result: StoredCollection }
  dropCollection: { args: { collection: number }; result: undefined }
  put: {
    args: { collection: number; record: WireNewRecord; at: string }
    result: { key: number; replacedKey: number | null }
  }
  patchMetadata: {
    args: { collection: number; id: string; patch: string; at: string }
    result: WireRecord | null
  }
  deleteKeys: { args: { collection: number; keys: readonly number[] }; result: readonly number[] }
  beginGeneration: {
    args: { collection: number; wanted: NewGeneration; at: string }
    result: StoredGeneration
  }
  addVectors: {
    args: { collection: number; generation: number; keys: readonly number[]; vectors: Float32Array }
    result: number
  }
  switchGeneration: {
    args: { collection: number; generation: number; records: number }
    result: StoredCollection
  }
  dropGeneration: { args: { collection: number; generation: number }; result: undefined }
  /** Jobs travel as the JSON text that is stored. */
  addJob: { args: { id: string; job: string; input: string }; result: undefined }
  saveJob: { args: { id: string; job: string }; result: undefined }
  forgetJob: { args: { id: string }; result: undefined }
}

export type ReaderCalls = {
  collections: { args: null; result: readonly StoredCollection[] }
  record: { args: { collection: number; id: string }; result: WireRecord | null }
  recordsByKey: {
    args: { collection: number; keys: readonly number[] }
    result: readonly (WireRecord | null)[]
  }
  content: { args: { collection: number; id: string }; result: KeptContent | null }
  page: {
    args: { collection: number; after: string | null; limit: number; filter: Filter | null }
    result: readonly WireRecord[]
  }
  matching: { args: { collection: number; filter: Filter }; result: Float64Array }
  contentHashes: {
    args: { collection: number; ids: readonly string[] }
    result: readonly (string | null)[]
  }
  bytes: { args: { collection: number }; result: number }
  jobs: { args: null; result: readonly string[] }
  jobInput: { args: { id: string }; result: string }
  vectors: {
    args: { collection: number } & Omit<VectorRange, 'generation'> & {
        generation: number | null
        /** Where the vectors go. */
        into: SharedArrayBuffer
      }
    result: VectorSlice
  }
  generations: { args: { collection: number }; result: readonly StoredGeneration[] }
  lacking: {
    args: { collection: number; generation: number; after: number }
    result: LackingSlice
  }
  records: { args: { collection: number }; result: number }
}

/** `bytes` is the payload, about, by which queues and batches are bounded. */
export interface CallMessage<Calls extends CallTable, Kind extends keyof Calls = keyof Calls> {
  readonly call: number
  readonly kind: Kind
  readonly args: Calls[Kind]['args']
  readonly bytes: number
}

export type ToThread<Calls extends CallTable> = CallMessage<Calls> | { readonly kind: 'close' }

export type Reply =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly error: WireError }

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly error: WireError }
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] }

export type Handlers<Calls extends CallTable> = {
  [Kind in keyof Calls]: (
    args: Calls[Kind]['args'],
  ) => Calls[Kind]['result'] | Promise<Calls[Kind]['result']>
}

/** An error in plain data: classes do not survive the way between threads. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly issues: readonly InputIssue[]
  readonly cause: string | null
}

/** Coded errors keep their code; any other becomes `code`, with itself as the cause. */
export function toWireError(error: unknown, code: ErrorCode, doing: string): WireError {
  if (error instanceof AppError) {
    const { cause } = error
    return {
      code: error.code,
      message: error.message,
      issues: error.issues,
      cause: cause === undefined ? null : reasonOf(cause),
    }
  }
  const reason = reasonOf(error)
  return { code, message: `${doing}: ${reason}`, issues: [], cause: reason }
}

export function fromWireError(error: WireError): AppError {
  const { code, message, issues, cause } = error
  return new AppError(
    code,
    message,
    cause === null ? { issues } : { issues, cause: new Error(cause) },
  )
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? ` (${String(error.code)})` : ''
  return `${error.message}${code}`
}
