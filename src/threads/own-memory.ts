/** Tells whether bytes are all of their memory, and nobody shares it, so that it can move to another thread. */
export function ownsMemory(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
}

/** Gives bytes memory of their own, by a copy where it must be: a part of Node's shared buffer pool cannot be moved. */
export function ownMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return ownsMemory(bytes) ? bytes : new Uint8Array(bytes)
}
