import type { EngineMatch } from '../../engine/query.ts'

/** Leaves out records that are gone since they were found. */
export function withVectors(
  matches: readonly EngineMatch[],
): (EngineMatch & { readonly vector: Float32Array })[] {
  return matches.flatMap(({ vector, ...match }) => (vector ? [{ ...match, vector }] : []))
}

export function withoutVector<T extends EngineMatch>({
  vector: _,
  ...match
}: T): Omit<T, 'vector'> {
  return match
}
