import { pipeline } from 'node:stream'
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
 * @throws an Error that says what cannot be read, and where; also for bytes that are not UTF-8.
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
  try {
    // Its errors reach whoever reads the rows.
    pipeline(input, utf8Text, rows, () => undefined)
    const found = rows as AsyncIterable<{ info: { lines: number }; record: string[] }>
    for await (const { info, record } of found) yield { line: info.lines, cells: record }
  } finally {
    input.destroy()
  }
}

/** Decodes text as it comes. Letters that are not UTF-8 would otherwise all become one. */
async function* utf8Text(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true })
    yield decoder.decode()
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new Error('expected text in UTF-8, got other bytes: save it as CSV UTF-8', { cause })
  }
}
