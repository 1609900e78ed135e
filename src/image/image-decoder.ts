import type { PictureQuality } from './picture-quality.ts'

/** How pixels are made for a model: the size of its input, and the rules of resizing and cropping. */
export interface PreprocessSpec {
  readonly width: number
  readonly height: number
  /**
   * `centre-crop`: the central square (or box of the input's shape); `shortest-edge`: the same of a square input in whole
   * pixels as transformers counts them; `stretch`: the sides of the input, whatever the image's are.
   */
  readonly resize: 'centre-crop' | 'shortest-edge' | 'stretch'
  /** The share that the crop keeps of the shorter side (of both, when stretched), in (0, 1]. */
  readonly cropFraction: number
  readonly kernel: 'nearest' | 'linear' | 'cubic' | 'lanczos3'
}

export interface DecodedImage {
  /** 8-bit RGB, interleaved, `spec.width * spec.height * 3` bytes. Owned by the caller. */
  readonly pixels: Uint8Array
  /** The sides of the source in pixels, after EXIF orientation. */
  readonly width: number
  readonly height: number
  /** The media type that the bytes show, never the one that the caller names. */
  readonly mediaType: string
  /** Null, as the fingerprint, unless requested. */
  readonly thumbnail: { readonly mediaType: string; readonly bytes: Uint8Array } | null
  /** The fingerprint of the whole upright image (`fingerprintOf`); null for a plain one too. */
  readonly fingerprint: string | null
  /** What the fingerprint does not see (`coloursOf`); null where there is none. */
  readonly colours?: string | null
  /** The SHA-256 of the file in lower-case hexadecimal digits, made with the fingerprint; left out where whoever decodes has none. */
  readonly contentHash?: string | null
  /** Left out unless requested. */
  readonly quality?: PictureQuality
}

/** Another view of an image: a part of it, perhaps mirrored, in colours a little changed. */
export interface ImageView {
  /** The sides of the part, as shares of what the model sees of the image otherwise; in (0, 1]. */
  readonly width: number
  readonly height: number
  /** Where the part lies in the room that it has, from 0 (left, top) to 1. */
  readonly across: number
  readonly down: number
  readonly isMirrored: boolean
  /** Factors of red, green and blue. */
  readonly gains: readonly [red: number, green: number, blue: number]
}

export interface DecodeOptions {
  /** Whether a thumbnail, or a fingerprint, is made too; not when left out. */
  readonly thumbnail?: boolean
  readonly fingerprint?: boolean
  /** The view whose pixels are made; the plain image when left out. */
  readonly view?: ImageView | undefined
  /** Whether the quality of the picture is measured; not when left out. */
  readonly quality?: boolean
  readonly signal?: AbortSignal | undefined
  /** Is called with the bytes of memory that decoding takes at most, before it takes them. What it throws is thrown. */
  readonly take?: (bytes: number) => void
}

/**
 * Port: makes pixels for a model out of the bytes of an image file. Decoding honours EXIF orientation, takes the first
 * frame or page that is not blank, composes transparency on white (light drawings on black) and converts to sRGB. Whoever calls bounds how many images are decoded at once.
 * Once `decode` has settled nobody reads `bytes` any more.
 * @throws NOT_AN_IMAGE (no known format), UNDECODABLE_IMAGE (a known format, but broken), TOO_MANY_PIXELS, CANCELLED.
 */
export interface ImageDecoder {
  decode(bytes: Uint8Array, spec: PreprocessSpec, options?: DecodeOptions): Promise<DecodedImage>
}
