import { dirname, resolve } from 'node:path'
import { type CsvRow, csvRows } from '../../adapters/csv-rows.ts'
import { formOnDisk } from '../../adapters/image-files.ts'
import { pathId } from '../../collection/import/path-id.ts'
import { AppError, type InputIssue, messageOf, shown } from '../../errors.ts'
import {
  type LabelledImage,
  type LabelledImages,
  MAX_IMAGES,
  SPLITS,
  type Split,
} from './labelled-images.ts'

const REQUIRED = ['path', 'label'] as const
const OPTIONAL = ['camera', 'split'] as const
const COLUMNS: readonly string[] = [...REQUIRED, ...OPTIONAL]
/** The most lines that one error names. */
const MAX_NAMED = 20

/**
 * Lists the images of a CSV file with a header: `path` (relative to the file) and `label`, and if
 * wanted `camera` and `split`.
 * @param labels the labels wanted, or null for all.
 * @param splits the splits that a row may have.
 * @param name the name of the file in messages.
 * @throws INVALID_REQUEST that names every bad line with its number, up to 20, labels that no image
 * has, and more than 100,000 images; FILE_UNREADABLE.
 */
export async function listCsvImages(
  file: string,
  labels: ReadonlySet<string> | null,
  splits: readonly Split[] = SPLITS,
  name = file,
): Promise<LabelledImages> {
  const images: LabelledImage[] = []
  const bad: InputIssue[] = []
  const seen = new Set<string>()
  let header: readonly string[] | null = null
  for await (const row of rowsOf(file, name)) {
    if (header === null) {
      header = checkedHeader(name, row.cells)
      continue
    }
    const image = imageOf(file, header, row, splits)
    const why =
      typeof image === 'string' ? image : seen.has(pathId(image.path)) ? 'a path again' : null
    if (why !== null) bad.push({ path: `line ${row.line}`, message: why })
    if (bad.length === MAX_NAMED) break
    if (typeof image === 'string') continue
    seen.add(pathId(image.path))
    if (!(labels?.has(image.label) ?? true)) continue
    images.push({ ...image, path: await formOnDisk(image.path) })
    if (seen.size > MAX_IMAGES)
      throw invalid(name, `expected at most ${MAX_IMAGES} images, got more`)
  }
  if (header === null) throw invalid(name, 'expected a header, got none')
  if (bad.length > 0) {
    const lines = bad.map(({ path, message }) => `${path}: ${message}`)
    throw new AppError('INVALID_REQUEST', `${name}: ${lines.join('; ')}`, { issues: bad })
  }
  const found = new Set(images.map(({ label }) => label))
  const missing = [...(labels ?? [])].filter((label) => !found.has(label))
  if (missing.length > 0) {
    throw invalid(name, `expected labels that images have, got ${missing.join(', ')}`)
  }
  return { images, refused: [], unlabelled: 0, leftOut: [] }
}

async function* rowsOf(file: string, name: string): AsyncGenerator<CsvRow> {
  try {
    yield* csvRows(file)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const why = messageOf(cause)
    throw new AppError('FILE_UNREADABLE', `expected to read ${name}: ${why}`, { cause })
  }
}

function checkedHeader(name: string, header: readonly string[]): readonly string[] {
  const missing = REQUIRED.filter((name) => !header.includes(name))
  const wrong = header.find((name, i) => !COLUMNS.includes(name) || header.indexOf(name) !== i)
  if (missing.length === 0 && wrong === undefined) return header
  const wanted = `expected the columns ${REQUIRED.join(', ')}, and if wanted ${OPTIONAL.join(', ')}`
  throw invalid(name, `line 1: ${wanted}, got ${shown(header.join(','))}`)
}

/** Reads a row; gives a text for what is wrong with it, where something is. */
function imageOf(
  file: string,
  header: readonly string[],
  { cells }: CsvRow,
  splits: readonly Split[],
): LabelledImage | string {
  if (cells.length !== header.length) {
    return `expected ${header.length} cells as in the header, got ${cells.length}`
  }
  const cell = (name: string) => cells[header.indexOf(name)] ?? null
  const [path, label] = [cell('path') ?? '', cell('label') ?? '']
  const [camera, split] = [cell('camera'), cell('split') as Split | null]
  if (path === '') return 'expected a path, got none'
  if (label === '') return 'expected a label, got none'
  if (camera === '') return 'expected a camera, got none'
  if (split !== null && !splits.includes(split)) {
    return `expected a split of ${splits.join(', ')}, got ${shown(split)}`
  }
  const id = pathId(path.replace(/^\.\//, ''))
  return { id, path: resolve(dirname(file), path), label, camera, split }
}

function invalid(name: string, why: string): AppError {
  return new AppError('INVALID_REQUEST', `${name}: ${why}`)
}
