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

/** The pictures of a drop, those in folders too. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<NamedFile[]> {
  const entries = [...items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null)
  if (entries.length === 0) return chosenFiles(files)
  const found: NamedFile[] = []
  for (const entry of entries) await walk(entry, '', found)
  return found
}

/** The pictures of an input, named by their path where a folder was chosen. */
export function chosenFiles(files: Iterable<File>): NamedFile[] {
  return [...files]
    .filter(isPicture)
    .slice(0, MOST_FILES)
    .map((file) => ({ name: withoutFirst(file.webkitRelativePath) || file.name, file }))
}

async function walk(entry: FileSystemEntry, path: string, found: NamedFile[]): Promise<void> {
  if (found.length >= MOST_FILES) return
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    )
    if (isPicture(file)) found.push({ name: path + file.name, file })
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // A reader gives a hundred entries at a time, and none at the end.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (part.length === 0) return
    for (const inner of part) {
      await walk(inner, inner.isDirectory ? `${path}${inner.name}/` : path, found)
    }
  }
}

/** Paths begin below the folder that was chosen, as they do for `lookalike index`. */
function withoutFirst(path: string): string {
  return path.slice(path.indexOf('/') + 1)
}
