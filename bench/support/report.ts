import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** Says what made the numbers, without which they mean nothing. */
export function circumstances(data: string, parameters: string): Record<string, string> {
  const [cpu] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} x ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`,
    command: `node ${process.argv
      .slice(1)
      .map((part) => part.replace(`${process.cwd()}/`, ''))
      .join(' ')}`,
    data,
    parameters,
  }
}

/** Writes bench/results/NAME.json and NAME.md, and prints the Markdown. */
export function writeReport(
  name: string,
  about: Record<string, string>,
  tables: readonly Table[],
): void {
  mkdirSync('bench/results', { recursive: true })
  const markdown = [
    `# ${name}`,
    '',
    ...Object.entries(about).map(([key, value]) => `* ${key}: ${value}`),
    ...tables.flatMap(({ title, columns, rows }) => [
      '',
      `## ${title}`,
      '',
      `| ${columns.join(' | ')} |`,
      `| ${columns.map(() => '---').join(' | ')} |`,
      ...rows.map((row) => `| ${row.map(shown).join(' | ')} |`),
    ]),
    '',
  ].join('\n')
  writeFileSync(`bench/results/${name}.md`, markdown)
  writeFileSync(`bench/results/${name}.json`, `${JSON.stringify({ about, tables }, null, 2)}\n`)
  process.stdout.write(markdown)
}

function shown(value: string | number): string {
  if (typeof value === 'string') return value
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

/** Finds the value below which `share` of the numbers lie (nearest rank). */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
