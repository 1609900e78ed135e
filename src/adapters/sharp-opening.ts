import sharp, { type Sharp } from 'sharp'
import { MAX_BANDS } from '../image/tiff/tiff-fault.ts'

/** What sharp is given of an image file, and how it opens it. */
export interface Opening {
  readonly bytes: Uint8Array
  /** The sizes of `bytes` where they are pixels, not a file. */
  readonly raw?: { readonly width: number; readonly height: number; readonly channels: 3 | 4 }
  /** The frame or page, from 0; where it is left out, the one that the file calls its picture. */
  readonly page?: number
  /**
   * From what on decoding fails: `error` where the decoder reports as errors what it cannot read, `warning` where it reports that as
   * warnings, and fills it.
   */
  readonly failOn: 'error' | 'warning'
  /** The 8-bit colours that samples of 16 bits become before a profile is applied; left out where there is no need. */
  readonly reducedTo?: 'srgb' | 'b-w'
}

/**
 * Gives each image one thread and no operation cache: requests are many and images differ, so that more
 * threads would only wait for each other. Only the loaders of the formats that we name are left open,
 * in case a file passes for one of them and is another inside.
 */
export function configureSharp(): void {
  sharp.concurrency(1)
  sharp.cache(false)
  sharp.block({ operation: ['VipsForeignLoad'] })
  const loaders = ['Jpeg', 'Png', 'Webp', 'Heif', 'Nsgif', 'Tiff']
  sharp.unblock({ operation: loaders.map((name) => `VipsForeignLoad${name}`) })
}

/** Opens an image, upright; no pixel is decoded yet. */
export function openSharp(opening: Opening, maxPixels: number): Sharp {
  const { bytes, raw, page, failOn, reducedTo } = opening
  const image = sharp(bytes, {
    limitInputPixels: maxPixels,
    limitInputChannels: MAX_BANDS,
    failOn,
    ...(raw !== undefined && { raw }),
    ...(page !== undefined && { page }),
    pages: 1,
    sequentialRead: true,
    autoOrient: true,
  })
  return reducedTo === undefined ? image : image.pipelineColourspace(reducedTo)
}
