import type { Metadata } from './metadata.ts'

/** The facts about the image of a record. */
export interface ImageFacts {
  /** SHA-256 of the uploaded bytes, in lower-case hexadecimal. */
  readonly contentHash: string
  readonly mediaType: string
  /** Pixels, after EXIF orientation. */
  readonly width: number
  readonly height: number
  readonly bytes: number
  /** 64 bits as 16 lower-case hexadecimal digits; null for a plain image, and for one that is older than fingerprints. */
  readonly fingerprint: string | null
  /**
   * What tells apart images of the same fingerprint: their colours, 32 bytes as 64 lower-case hexadecimal digits. It is put, and not
   * read again; null or left out where it is not known.
   */
  readonly colours?: string | null
}

/** The kept original or thumbnail. */
export interface KeptContent {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** A record to add, or to replace the one of the same id with. */
export interface NewRecord {
  readonly id: string
  /** A vector of the active generation, as stored (see `toStoredVector`). */
  readonly vector: Float32Array
  readonly metadata: Metadata
  /** Null for a record that is given as a vector. */
  readonly image: ImageFacts | null
  readonly content: KeptContent | null
  /** The time at which it is deleted, in milliseconds since 1970, UTC; null or left out for never. */
  readonly expiresAt?: number | null
  /** The same image's vector in a generation that is being made. */
  readonly next?: { readonly generation: number; readonly vector: Float32Array }
}

/** What was deleted of some records. */
export interface Erasure {
  readonly records: number
  /** Of all generations. */
  readonly vectors: number
  /** Originals or thumbnails. */
  readonly contents: number
}

/** The part of a record that shows whether it is up to date. */
export interface RecordSummary {
  /** The SHA-256 of its image; null for a record that was given as a vector. */
  readonly contentHash: string | null
  readonly metadata: Metadata
}

/** A record as it is stored, without its content. */
export interface StoredRecord {
  readonly id: string
  readonly metadata: Metadata
  readonly image: ImageFacts | null
  readonly hasContent: boolean
  /** The time of the last change, in ISO 8601, UTC. */
  readonly updatedAt: string
  /** The time at which it is deleted, in ISO 8601, UTC; only where there is one. */
  readonly expiresAt?: string
  /** A copy of the vector as stored; only where it was requested and the active generation has one. */
  readonly vector?: Float32Array
}

export type RecordWithVector = StoredRecord & Required<Pick<StoredRecord, 'vector'>>
