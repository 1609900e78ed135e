import type { Priority } from '../scheduling/lanes.ts'

/** How pixels are made for a model: its input size, resize and crop rule. */
export interface PreprocessSpec {
  readonly width: number
  readonly height: number
  /**
   * `centre-crop`: the central square (or box of the input's shape); `shortest-edge`: the same of a
   * square input in whole pixels as transformers counts them; `stretch`: the sides of the input,
   * whatever the image's are.
   */
  readonly resize: 'centre-crop' | 'shortest-edge' | 'stretch'
  /** Share that the crop keeps of the shorter side (of both, when stretched), in (0, 1]. */
  readonly cropFraction: number
  readonly kernel: 'nearest' | 'linear' | 'cubic' | 'lanczos3'
}

export interface DecodedImage {
  /** 8-bit RGB, interleaved, `spec.width * spec.height * 3` bytes. Owned by the caller. */
  readonly pixels: Uint8Array
  /** Of the source, after EXIF orientation. */
  readonly width: number
  readonly height: number
  /** Found in the bytes, never taken from the caller's word. */
  readonly mediaType: string
  readonly thumbnail: { readonly mediaType: string; readonly bytes: Uint8Array } | null
  /** Of the whole upright image (`fingerprintOf`); null unless asked for. */
  readonly fingerprint: string | null
}

/**
 * Port: bytes of an image file in, pixels for a model out.
 *
 * Decoding honours EXIF orientation, takes the first frame, composes transparency on white and
 * converts to sRGB. Searches, the default, are decoded before bulk work that waits.
 *
 * @throws NOT_AN_IMAGE (no known format), UNDECODABLE_IMAGE (a known format, but broken),
 * TOO_MANY_PIXELS, QUEUE_FULL, CANCELLED.
 */
export interface ImageDecoder {
  decode(
    bytes: Uint8Array,
    spec: PreprocessSpec,
    options: {
      thumbnail: boolean
      fingerprint?: boolean
      priority?: Priority
      signal?: AbortSignal
    },
  ): Promise<DecodedImage>
}
