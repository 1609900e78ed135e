/**
 * Whether two values state the same facts: plain objects member by member, all else by identity, so that shared memory
 * counts as the same where it is the same memory, whatever is in it by now.
 */
export function sameFacts(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!isPlain(a) || !isPlain(b)) return false
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => name in b && sameFacts(a[name], b[name]))
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}
