/** A file with its path below the folder that was chosen, `/` between the parts. */
export interface NamedFile {
  readonly name: string
  readonly file: File
}

/** The most files that are taken at once: their names are kept in memory. */
const MOST_FILES = 200_000

function isPicture({ name, type }: File): boolean {
  return type.startsWith('image/') || /\.(jpe?g|png|webp|gif|tiff?|avif)$/i.test(name)
}

export interface DroppedFiles {
  readonly files: NamedFile[]
  /** The paths that could not be read. */
  readonly unread: string[]
}

/** The pictures of a drop, those in folders too. Of several folders each path begins with the name of its own. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<DroppedFiles> {
  const entries = [...items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null)
  const found: DroppedFiles = { files: [], unread: [] }
  if (entries.length === 0) found.files.push(...chosenFiles(files))
  for (const entry of entries) {
    await walk(entry, entries.length > 1 ? pathOf('', entry) : '', found)
  }
  return found
}

/** The pictures of an input, named by their path where a folder was chosen. */
export function chosenFiles(files: Iterable<File>): NamedFile[] {
  return [...files]
    .filter(isPicture)
    .slice(0, MOST_FILES)
    .map((file) => ({ name: withoutFirst(file.webkitRelativePath) || file.name, file }))
}

/** Adds the pictures of an entry to those found; `path` is that of the folder it is or lies in. */
async function walk(entry: FileSystemEntry, path: string, found: DroppedFiles): Promise<void> {
  if (found.files.length >= MOST_FILES) return
  try {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      )
      if (isPicture(file)) found.files.push({ name: path + file.name, file })
      return
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader()
    for (;;) {
      // A reader gives a hundred entries at a time, and none at the end.
      const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
        reader.readEntries(resolve, reject),
      )
      if (part.length === 0) return
      for (const inner of part) await walk(inner, pathOf(path, inner), found)
    }
  } catch {
    // One that went away or may not be read does not hold up the others.
    found.unread.push(entry.isFile ? path + entry.name : path || entry.name)
  }
}

function pathOf(path: string, { isDirectory, name }: FileSystemEntry): string {
  return isDirectory ? `${path}${name}/` : path
}

/** Paths begin below the folder that was chosen, as they do for `lookalike index`. */
function withoutFirst(path: string): string {
  return path.slice(path.indexOf('/') + 1)
}
