import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  /** Bytes are a name that does not say that it is UTF-8. */
  readonly name: string | Uint8Array
  /** Extra fields: pairs of id and data. */
  readonly extra?: readonly (readonly [id: number, data: Uint8Array])[]
  readonly bytes: Uint8Array
  readonly deflate?: boolean
  /** Unix mode, as in `0o120777` for a link. */
  readonly mode?: number
  readonly flags?: number
  /** What the directory says the unpacked size is. */
  readonly claimedSize?: number
}

/** A zip file by APPNOTE.TXT, with whatever lies are asked for. */
export function zipFile(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const { bytes, deflate = false, mode = 0o100644, flags = 0, claimedSize } = entry
    const name = Buffer.from(entry.name)
    const extra = Buffer.concat((entry.extra ?? []).map(([id, data]) => extraField(id, data)))
    const packed = deflate ? deflateRawSync(bytes) : Buffer.from(bytes)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(typeof entry.name === 'string' ? flags | 0x800 : flags, 2)
    common.writeUInt16LE(deflate ? 8 : 0, 4)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(claimedSize ?? bytes.length, 18)
    common.writeUInt16LE(name.length, 22)
    common.writeUInt16LE(extra.length, 24)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, extra, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE((mode << 16) >>> 0, 6)
    tail.writeUInt32LE(offset, 10)
    const madeBy = Buffer.from([20, 3])
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), madeBy, common, tail, name, extra]))
    parts.push(local)
    offset += local.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...directory, end])
}

function extraField(id: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(id, 0)
  head.writeUInt16LE(data.length, 2)
  return Buffer.concat([head, data])
}

/** The Info-ZIP Unicode Path Extra Field (0x7075) of a name. @param of the bytes that it says it is of. */
export function unicodePath(text: Uint8Array, of: Uint8Array): readonly [number, Uint8Array] {
  const head = Buffer.alloc(5)
  head.writeUInt8(1, 0)
  head.writeUInt32LE(crc32(of), 1)
  return [0x7075, Buffer.concat([head, text])]
}
