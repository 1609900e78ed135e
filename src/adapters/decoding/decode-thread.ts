import type { DecodedImage, ImageView, PreprocessSpec } from '../../image/image-decoder.ts'
import type { StopSign } from '../../threads/stop-flags.ts'
import { ownBuffers, serveThread } from '../../threads/thread-host.ts'
import { decodeImage } from '../sharp-decode.ts'

export interface DecodeCall {
  readonly bytes: Uint8Array
  readonly spec: PreprocessSpec
  readonly maxPixels: number
  readonly thumbnail: boolean
  readonly fingerprint: boolean
  readonly view: ImageView | undefined
  readonly quality: boolean
  /** The most bytes of memory that decoding may take. */
  readonly mostBytes: number
}

/** A decoded image, or the bytes of memory that it needs where they are too many. */
export type DecodeReply = { readonly image: DecodedImage } | { readonly needed: number }

export interface DecodeCalls {
  /** @throws what `ImageDecoder.decode` throws. */
  decode(call: DecodeCall): DecodeReply
}

class MemoryNeeded extends Error {
  readonly bytes: number

  constructor(bytes: number) {
    super(`expected ${bytes} bytes of memory to be free`)
    this.bytes = bytes
  }
}

async function decode(call: DecodeCall, stop: StopSign): Promise<DecodeReply> {
  const { bytes, spec, mostBytes, ...wanted } = call
  const take = (needed: number) => {
    if (needed > mostBytes) throw new MemoryNeeded(needed)
  }
  try {
    return { image: await decodeImage(bytes, spec, { ...wanted, take, stop }) }
  } catch (error) {
    if (error instanceof MemoryNeeded) return { needed: error.bytes }
    throw error
  }
}

await serveThread(() => ({
  calls: { decode },
  // Thumbnails are sharp's memory, which stays.
  transfer: (reply) => ownBuffers({ pixels: (reply as { image?: DecodedImage }).image?.pixels }),
}))
