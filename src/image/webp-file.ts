const HEADER_BYTES = 12

/** Says what is wrong with a WebP file, in words that go after "got a WebP"; null when its structure is sound. */
export function webpFault(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = 8 + view.getUint32(4, true)
  if (end > bytes.length) return `that is cut off: it ends at byte ${end} of ${bytes.length}`
  for (let at = HEADER_BYTES; at + 8 <= end; ) {
    const size = view.getUint32(at + 4, true)
    if (at + 8 + size > end) {
      return `that is damaged: the chunk at byte ${at} ends at byte ${at + 8 + size} of ${end}`
    }
    // Chunks begin at even bytes.
    at += 8 + size + (size % 2)
  }
  return null
}
