import type { Metadata } from './metadata.ts'

/** What is known of the image of a record; null for a record that was given as a vector. */
export interface ImageFacts {
  /** SHA-256 of the uploaded bytes, in lower-case hexadecimal. */
  readonly contentHash: string
  readonly mediaType: string
  /** Pixels, after EXIF orientation. */
  readonly width: number
  readonly height: number
  readonly bytes: number
  /** 64 bits as 16 lower-case hexadecimal digits; null for an image that was stored before there were fingerprints. */
  readonly fingerprint: string | null
}

/** The kept original or thumbnail. */
export interface KeptContent {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** A record to add, or to put in the place of one of the same id. */
export interface NewRecord {
  readonly id: string
  /** A vector of the active generation, as stored (see `toStoredVector`). */
  readonly vector: Float32Array
  readonly metadata: Metadata
  readonly image: ImageFacts | null
  readonly content: KeptContent | null
  /** The same image's vector in a generation that is being made. */
  readonly next?: { readonly generation: number; readonly vector: Float32Array }
}

/** A record as it is stored, without its content. */
export interface StoredRecord {
  readonly id: string
  readonly metadata: Metadata
  readonly image: ImageFacts | null
  readonly hasContent: boolean
  /** Time of the last change, in ISO 8601, UTC. */
  readonly updatedAt: string
  /** A copy of the vector as stored; only where it was asked for and the active generation has one. */
  readonly vector?: Float32Array
}
