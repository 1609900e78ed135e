import { AppError } from '../../errors.ts'
import { fits, type Glob, type Name, parseGlob, partsOf } from './glob.ts'

/** What systems and storage boxes put beside pictures: thumbnails, deleted files, notes of their own. */
export const DEFAULT_EXCLUDES = [
  // Hidden: .DS_Store, .thumbnails, .git, and the ._NAME that macOS puts beside NAME.
  '.*',
  '__MACOSX/',
  'Thumbs.db',
  'ehthumbs*.db',
  'desktop.ini',
  '$RECYCLE.BIN/',
  'System Volume Information/',
  'lost+found/',
  // Synology, QNAP.
  '@eaDir/',
  '#recycle/',
  '#snapshot/',
  '@Recycle/',
  '@Recently-Snapshot/',
  '@__thumb/',
] as const

export const MAX_EXCLUDES = 100

/** Knows which paths an index run or an import leaves out by their name: those of the default globs, and of more. */
export class Exclusion {
  readonly #globs: readonly Glob[]

  /**
   * @param more behind the defaults: the last glob that is for a path decides.
   * @throws INVALID_REQUEST for more than 100, and as parseGlob.
   */
  constructor(more: readonly string[] = []) {
    if (more.length > MAX_EXCLUDES) {
      const message = `expected at most ${MAX_EXCLUDES} globs, got ${more.length}`
      throw new AppError('INVALID_REQUEST', message)
    }
    this.#globs = [...DEFAULT_EXCLUDES, ...more].map(parseGlob)
  }

  /** Gives the glob that leaves a path out, or null. Its folders are not looked at: they were walked. */
  of(path: string, kind: 'folder' | 'file'): string | null {
    return this.#decide(partsOf(path), kind === 'folder')
  }

  /** Gives the glob that leaves out a file, or a folder above it; null where none does. */
  ofFile(path: string): string | null {
    const parts = partsOf(path)
    for (let depth = 1; depth < parts.length; depth++) {
      const glob = this.#decide(parts.slice(0, depth), true)
      if (glob !== null) return glob
    }
    return this.#decide(parts, false)
  }

  #decide(parts: readonly Name[], isFolder: boolean): string | null {
    const last = this.#globs.findLast((glob) => fits(glob, parts, isFolder))
    return last === undefined || last.takesBack ? null : last.text
  }
}

/** Gives the reason of a path that a glob leaves out. */
export function excludedBy(glob: string): string {
  return `excluded by ${glob}`
}
