export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
}

export interface Table {
  readonly columns: readonly Column[]
  /** A cell for each column; empty ones at the end may be left out. */
  readonly rows: readonly (readonly string[])[]
}

export function left(title: string): Column {
  return { title, align: 'left' }
}

export function right(title: string): Column {
  return { title, align: 'right' }
}

/** Writes a table as lines of text, each column as wide as its widest cell. */
export function textTable({ columns, rows }: Table): string {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => row.map(plainText))]
  const widths = columns.map((_, i) =>
    cells.reduce((widest, row) => Math.max(widest, [...(row[i] ?? '')].length), 0),
  )
  const lines = cells.map((row) =>
    columns
      .map(({ align }, i) => pad(row[i] ?? '', widths[i] ?? 0, align))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** Escapes control characters, which could rewrite the terminal of who lists another's records. */
export function plainText(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** Does the same, but for the ends of lines. */
export function plainLines(text: string): string {
  return text.split('\n').map(plainText).join('\n')
}

function pad(text: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - [...text].length))
  return align === 'left' ? text + space : space + text
}
