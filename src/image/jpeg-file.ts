const MARKER = { sof0: 0xc0, sof1: 0xc1, soi: 0xd8, eoi: 0xd9, sos: 0xda, app0: 0xe0, app14: 0xee }
/** Frames that are neither baseline nor progressive, by marker. */
const FRAMES: Readonly<Record<number, string>> = {
  195: 'lossless',
  197: 'hierarchical',
  198: 'hierarchical',
  199: 'lossless and hierarchical',
  201: 'coded arithmetically',
  202: 'coded arithmetically',
  203: 'lossless and coded arithmetically',
  205: 'hierarchical',
  206: 'hierarchical',
  207: 'lossless and hierarchical',
}
const PRECISION = 8

/** A marker with what belongs to it, the coded data after a start of scan included: the bytes `at` to `end`. */
export interface JpegSegment {
  readonly marker: number
  readonly at: number
  readonly end: number
  /** Where the coded data of a scan begins; else `end`. */
  readonly dataAt: number
}

/** Says what is wrong with a JPEG file, in words that go after "got a JPEG"; null when its structure is sound. */
export function jpegFault(bytes: Uint8Array): string | null {
  let last: JpegSegment | null = null
  for (const segment of jpegSegments(bytes)) {
    last = segment
    const frame = FRAMES[segment.marker]
    if (frame !== undefined) return `that is ${frame}`
    const precision = isFrame(segment.marker) ? bytes[segment.at + 4] : PRECISION
    if (precision !== PRECISION) return `of ${precision} bits a sample`
  }
  if (last === null || last.marker !== MARKER.eoi) {
    return `that is cut off: its ${bytes.length} bytes have no end marker`
  }
  return null
}

function isFrame(marker: number): boolean {
  return marker >= MARKER.sof0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}

/**
 * Gives a copy of the file without the harmless faults that libjpeg warns of as it does of damage: stray bytes between segments,
 * padding after a scan, progressive parameters in a sequential scan (some phones), unknown versions of JFIF and transforms of Adobe.
 * Null when it has none of them, or is cut off.
 */
export function mendedJpeg(bytes: Uint8Array): Uint8Array | null {
  const parts: Uint8Array[] = [Uint8Array.of(0xff, MARKER.soi)]
  let sequential = false
  let last = 0
  let length = 2
  for (const { marker, at, dataAt, end } of jpegSegments(bytes)) {
    if (marker === MARKER.sof0 || marker === MARKER.sof1) sequential = true
    const head = new Uint8Array(bytes.subarray(at, dataAt))
    if (marker === MARKER.app0 && isNamed(head, 'JFIF\0') && head.length > 9) head[9] = 1
    // libjpeg takes an unknown transform for YCbCr or YCCK, as 1 does.
    if (marker === MARKER.app14 && isNamed(head, 'Adobe') && head[15]! > 2) head[15] = 1
    if (marker === MARKER.sos && sequential && head.length > 6)
      head.set([0, 63, 0], head.length - 3)
    parts.push(head, withoutPadding(bytes.subarray(dataAt, end)))
    last = marker
    length = end
  }
  if (last !== MARKER.eoi) return null
  const mended = Buffer.concat(parts)
  return mended.equals(bytes.subarray(0, length)) ? null : mended
}

/** Drops a run of at least two zero bytes at the end; the one after 0xff is part of the data. */
function withoutPadding(data: Uint8Array): Uint8Array {
  let end = data.length
  while (end > 0 && data[end - 1] === 0) end--
  if (data.length - end < 2) return data
  return data.subarray(0, data[end - 1] === 0xff ? end + 1 : end)
}

function isNamed(head: Uint8Array, name: string): boolean {
  return Buffer.from(head.subarray(4, 4 + name.length)).toString('latin1') === name
}

/** Walks the segments after the start of the image, up to its end or the end of the file. */
export function* jpegSegments(bytes: Uint8Array): Generator<JpegSegment> {
  let at = 2
  while (at < bytes.length) {
    at = nextMarker(bytes, at)
    const marker = bytes[at + 1]
    if (marker === undefined) return
    if (marker === MARKER.eoi) {
      yield { marker, at, end: at + 2, dataAt: at + 2 }
      return
    }
    const end = at + 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
    if (end > bytes.length) return
    const dataEnd = marker === MARKER.sos ? endOfData(bytes, end) : end
    yield { marker, at, end: dataEnd, dataAt: end }
    at = dataEnd
  }
}

/** Finds the next marker that has a segment, or ends the image. */
function nextMarker(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(0xff, from)
  while (at >= 0 && !opens(bytes[at + 1] ?? 0)) at = bytes.indexOf(0xff, at + 1)
  return at < 0 ? bytes.length : at
}

function opens(marker: number): boolean {
  return marker >= MARKER.sof0 && marker !== 0xff && !isRestart(marker) && marker !== MARKER.soi
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7
}

/** Finds the marker that ends the coded data of a scan. */
function endOfData(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(0xff, from)
  while (at >= 0) {
    const next = bytes[at + 1] ?? 0
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at
    at = bytes.indexOf(0xff, at + 1)
  }
  return bytes.length
}
