import { parse } from 'csv-parse'
import { openRegular } from '../files/regular-file.ts'

export interface CsvRow {
  /** The line that the row ends on, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

const MAX_ROW_CHARACTERS = 256 * 1024

/**
 * Reads the rows of a CSV file (UTF-8, commas, quotes as in RFC 4180) of any number of cells, but for empty ones.
 * @throws an Error that says what cannot be read, and where.
 */
export async function* csvRows(path: string): AsyncGenerator<CsvRow> {
  const { file } = await openRegular(path)
  const input = file.createReadStream()
  const rows = parse({
    bom: true,
    skip_empty_lines: true,
    relax_column_count: true,
    info: true,
    max_record_size: MAX_ROW_CHARACTERS,
  })
  input.once('error', (error) => rows.destroy(error))
  try {
    const found = input.pipe(rows) as AsyncIterable<{ info: { lines: number }; record: string[] }>
    for await (const { info, record } of found) yield { line: info.lines, cells: record }
  } finally {
    input.destroy()
  }
}
