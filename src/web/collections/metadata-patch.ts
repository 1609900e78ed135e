export type Members = Readonly<Record<string, unknown>>

/**
 * The JSON merge patch (RFC 7396) that makes `wanted` of `stored`, of what differs alone; null where nothing does. A
 * patch cannot set null: a member that becomes null is taken away, one that was null already stays.
 */
export function metadataPatch(stored: Members, wanted: Members): Members | null {
  const changes: [string, unknown][] = Object.keys(stored)
    .filter((name) => !Object.hasOwn(wanted, name))
    .map((name) => [name, null])
  for (const [name, value] of Object.entries(wanted)) {
    const present = Object.hasOwn(stored, name) ? stored[name] : undefined
    if (JSON.stringify(present) === JSON.stringify(value)) continue
    if (!isObject(present) || !isObject(value)) {
      changes.push([name, value])
      continue
    }
    // Members that only changed places give none.
    const inner = metadataPatch(present, value)
    if (inner !== null) changes.push([name, inner])
  }
  return changes.length === 0 ? null : Object.fromEntries(changes)
}

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
