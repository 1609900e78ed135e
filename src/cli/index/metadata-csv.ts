import { csvRows } from '../../adapters/csv-rows.ts'
import { pathId } from '../../collection/import/path-id.ts'
import type { WantedMetadata } from '../../collection/import/wanted-metadata.ts'
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

/** Metadata from a CSV file. */
export interface MetadataTable {
  /** The members that it gives, but for those of empty cells. */
  readonly columns: readonly string[]
  /** By the id of the image. */
  readonly rows: ReadonlyMap<string, Metadata>
}

export const NO_METADATA: MetadataTable = { columns: [], rows: new Map() }

/**
 * Reads metadata from a CSV file with a header (UTF-8, commas, quotes as in RFC 4180). Its column
 * `file` names the image by its path below the indexed folder; the others become metadata.
 * @throws INVALID_METADATA that names the file and the row; also past 1,000,000 rows.
 */
export async function readMetadataCsv(path: string): Promise<MetadataTable> {
  const rows = new Map<string, Metadata>()
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
      addRow(rows, header, cells)
    }
  } catch (cause) {
    throw new AppError('INVALID_METADATA', `${path}: ${messageOf(cause)}`, { cause })
  }
  if (header !== null) return { columns: header.filter((name) => name !== FILE_COLUMN), rows }
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

/**
 * Gives the metadata of an image: its row over what its path says. An image that is stored keeps what the table says
 * nothing of; an empty cell takes away what its column gave.
 */
export function metadataOfRow(
  id: string,
  ofPath: Metadata,
  { columns, rows }: MetadataTable,
): WantedMetadata {
  const row = rows.get(id)
  if (row === undefined) return (stored) => ({ ...ofPath, ...stored })
  return (stored) => {
    const others = Object.entries(stored ?? {}).filter(([name]) => !columns.includes(name))
    return { ...ofPath, ...Object.fromEntries(others), ...row }
  }
}

function addRow(rows: Map<string, Metadata>, header: readonly string[], row: readonly string[]) {
  if (rows.size === MAX_ROWS) throw new Error(`expected at most ${MAX_ROWS} rows, got more`)
  const file = pathId((row[header.indexOf(FILE_COLUMN)] ?? '').replace(/^\.\//, ''))
  if (file === '') throw new Error(`row ${rows.size + 2}: expected a file, got none`)
  if (rows.has(file)) throw new Error(`expected one row a file, got two for ${shown(file)}`)
  const members = header
    .map((name, i) => [name, cellValue(row[i] ?? '')] as const)
    .filter(([name, value]) => name !== FILE_COLUMN && value !== undefined)
  rows.set(file, parseMetadata(Object.fromEntries(members)))
}
