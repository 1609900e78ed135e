/**
 * Makes the id of a path, with `/`. Disks and archives hold one name in several Unicode forms (macOS gives "é" as "e" and an
 * accent). An id has one: NFC.
 */
export function pathId(path: string): string {
  return path.normalize('NFC')
}

/** Decodes a name that becomes an id; null where it is not UTF-8, as two names must never become one. */
export function utf8Of(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/**
 * Lists the forms that an id made from a path may have on disk, or as the id of a record of an earlier version, which took
 * names as they were; the id itself comes first.
 * @param asFound the path as it was found.
 */
export function formsOf(id: string, asFound = id): readonly string[] {
  return [...new Set([id, asFound, id.normalize('NFC'), id.normalize('NFD')])]
}
