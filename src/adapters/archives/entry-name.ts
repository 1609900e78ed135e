import { mediaTypeOf } from '../image-files.ts'

/** What the name of an archive's entry says: an image with an id, nothing of interest, or a trick. */
export type EntryName =
  | { readonly kind: 'image'; readonly id: string }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'refused'; readonly why: string }

/**
 * Judges a name. Nothing is ever written under it, so a path trick cannot reach a file; but an id that looks like one
 * has no business in a collection. As in folders, hidden files and what is not named like an image are left out.
 */
export function entryName(name: string): EntryName {
  const path = name.replace(/^(\.\/)+/, '')
  const parts = path.split('/')
  if (path === '' || mediaTypeOf(path) === null) return { kind: 'ignored' }
  if (/[\\\p{Cc}]/u.test(path)) return refused('without backslashes and control characters')
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return refused('below the archive')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    return refused('without empty, "." and ".." parts')
  }
  if (parts.some((part) => part.startsWith('.')) || parts[0] === '__MACOSX') {
    return { kind: 'ignored' }
  }
  return { kind: 'image', id: path }
}

function refused(wanted: string): EntryName {
  return { kind: 'refused', why: `expected a path ${wanted}` }
}
