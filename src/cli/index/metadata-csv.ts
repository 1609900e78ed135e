import { csvRows } from '../../adapters/csv-rows.ts'
import { numeralFault } from '../../engine/exact-json.ts'
import { type Metadata, type MetadataValue, parseMetadata } from '../../engine/metadata.ts'
import { AppError, messageOf, shown } from '../../errors.ts'

const MAX_ROWS = 1_000_000
const FILE_COLUMN = 'file'
// The numbers of JSON. A leading zero (007) or plus makes it text: it is a code rather than a number.
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/**
 * Reads the value of a cell: `true` and `false` are booleans; what JSON would read as a number is one, unless it would be
 * another once read (`numeralFault`: integers beyond 2^53, and what becomes infinite or 0); all else is text. An empty cell
 * has no value.
 */
export function cellValue(cell: string): MetadataValue | undefined {
  if (cell === '') return undefined
  if (cell === 'true' || cell === 'false') return cell === 'true'
  return NUMBER.test(cell) && numeralFault(cell) === null ? Number(cell) : cell
}

/**
 * Reads metadata from a CSV file with a header (UTF-8, commas, quotes as in RFC 4180). Its column
 * `file` names the image by its path below the indexed folder; the others become metadata.
 * @throws INVALID_METADATA that names the file and the row; also past 1,000,000 rows.
 */
export async function readMetadataCsv(path: string): Promise<Map<string, Metadata>> {
  const byFile = new Map<string, Metadata>()
  let header: readonly string[] | null = null
  try {
    for await (const { line, cells } of csvRows(path)) {
      if (header === null) {
        header = checkHeader(cells)
        continue
      }
      if (cells.length !== header.length) {
        const numbers = `${header.length} cells as in the header, got ${cells.length}`
        throw new Error(`expected ${numbers} on line ${line}`)
      }
      addRow(byFile, header, cells)
    }
  } catch (cause) {
    throw new AppError('INVALID_METADATA', `${path}: ${messageOf(cause)}`, { cause })
  }
  if (header !== null) return byFile
  throw new AppError('INVALID_METADATA', `${path}: expected a header, got none`)
}

function checkHeader(header: readonly string[]): readonly string[] {
  if (!header.includes(FILE_COLUMN)) {
    throw new Error(`expected a column "${FILE_COLUMN}", got ${shown(header.join(','))}`)
  }
  const twice = header.find((name, i) => name === '' || header.indexOf(name) !== i)
  if (twice !== undefined) {
    throw new Error(`expected every column to have a name of its own, got ${shown(twice)} again`)
  }
  return header
}

function addRow(byFile: Map<string, Metadata>, header: readonly string[], row: readonly string[]) {
  if (byFile.size === MAX_ROWS) throw new Error(`expected at most ${MAX_ROWS} rows, got more`)
  const file = (row[header.indexOf(FILE_COLUMN)] ?? '').replace(/^\.\//, '')
  if (file === '') throw new Error(`row ${byFile.size + 2}: expected a file, got none`)
  if (byFile.has(file)) throw new Error(`expected one row a file, got two for ${shown(file)}`)
  const members = header
    .map((name, i) => [name, cellValue(row[i] ?? '')] as const)
    .filter(([name, value]) => name !== FILE_COLUMN && value !== undefined)
  byFile.set(file, parseMetadata(Object.fromEntries(members)))
}
