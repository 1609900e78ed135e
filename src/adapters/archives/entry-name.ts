import { crc32 } from 'node:zlib'
import { type ExtraField, getFileNameLowLevel } from 'yauzl'
import { utf8Of } from '../../collection/import/path-id.ts'

/** The name of an entry, and why it cannot be an id, or null: two names must never become one. */
export interface EntryName {
  readonly name: string
  readonly fault: string | null
}

const NOT_UTF8 = 'expected a name in UTF-8, got other bytes: pack it again'

/** APPNOTE.TXT, 4.6.9: the Info-ZIP Unicode Path Extra Field. */
const UNICODE_PATH = 0x7075
/** APPNOTE.TXT, 4.4.4, bit 11: the name is UTF-8. */
const UTF8_FLAG = 0x800

interface ZipName {
  readonly generalPurposeBitFlag: number
  readonly fileNameRaw: Buffer
  readonly extraFields: readonly ExtraField[]
}

/**
 * Reads the name of an entry of a zip file. The UTF-8 of the Unicode path field goes first. The name itself is UTF-8 where it
 * is valid UTF-8, whether the entry says so or not (macOS does not), and CP437 otherwise, as the format has it.
 */
export function zipEntryName(entry: ZipName): EntryName {
  const { generalPurposeBitFlag, fileNameRaw } = entry
  const name = unicodePath(entry) ?? utf8Of(fileNameRaw)
  if (name !== null) return { name, fault: null }
  const fault = (generalPurposeBitFlag & UTF8_FLAG) === 0 ? null : NOT_UTF8
  return { name: getFileNameLowLevel(0, fileNameRaw, [], true), fault }
}

/** Gives the name that the field has, if it is of this version and of this very name. */
function unicodePath({ fileNameRaw, extraFields }: ZipName): string | null {
  const field = extraFields.find(({ id }) => id === UNICODE_PATH)?.data
  if (field === undefined || field.length < 6 || field[0] !== 1) return null
  return field.readUInt32LE(1) === crc32(fileNameRaw) ? utf8Of(field.subarray(5)) : null
}

/**
 * Reads the name of an entry of a tar file: UTF-8, in a pax header by its standard, elsewhere by custom.
 * @param header that of the entry, its names read as Latin-1; those of a pax header are read as UTF-8 by the parser.
 */
export function tarEntryName(header: {
  readonly name: string
  readonly pax?: Readonly<Record<string, string>> | null
}): EntryName {
  const { name, pax } = header
  if (pax?.path !== undefined) {
    // The parser puts U+FFFD where bytes are no UTF-8.
    return { name, fault: name.includes('\ufffd') ? NOT_UTF8 : null }
  }
  const decoded = utf8Of(Buffer.from(name, 'latin1'))
  return decoded === null ? { name, fault: NOT_UTF8 } : { name: decoded, fault: null }
}
