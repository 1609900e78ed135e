import { plainText, type Table } from '../../text-table.ts'
import { lineChart } from './line-chart.ts'
import type { Examples, ReportDocument, ReportImage, Thumbnails } from './report-document.ts'

type Links = ReadonlyMap<string, string>

/** Writes a document as text, and the files that it shows, by name. @param folder the folder of the files, beside the text. */
export function markdownReport(
  { title, facts, table, notes, charts, examples }: ReportDocument,
  thumbnails: Thumbnails,
  folder: string,
) {
  const files = new Map<string, Uint8Array | string>()
  const links = new Map<string, string>()
  const linkTo = (name: string) => `${encodeURIComponent(folder)}/${name}`
  for (const [path, bytes] of thumbnails) {
    if (bytes === null) continue
    const name = `${files.size + 1}.jpg`
    files.set(name, bytes)
    links.set(path, linkTo(name))
  }
  const drawn = charts.map((chart, i) => {
    const name = `chart-${i + 1}.svg`
    files.set(name, lineChart(chart))
    return `![${shown(chart.title)}](${linkTo(name)})`
  })
  const parts = [
    `# ${shown(title)}`,
    ...facts.map(shown),
    markdownTable(table),
    ...notes.map(shown),
    ...drawn,
    ...(examples === null ? [] : exampleParts(examples, links)),
  ]
  return { text: `${parts.join('\n\n')}\n`, files }
}

function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${columns.map((_, i) => shown(cells[i] ?? '')).join(' | ')} |`
  const rule = columns.map(({ align }) => (align === 'right' ? '---:' : '---'))
  const titles = columns.map(({ title }) => title)
  return [line(titles), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')
}

function exampleParts({ caption, queries }: Examples, links: Links) {
  return [
    '## Pictures',
    shown(caption),
    ...queries.flatMap((example, i) => [
      `### ${i + 1}. ${nameOf(example.query)}${example.score === '' ? '' : `, ${shown(example.score)}`}`,
      resultTable(example, links),
    ]),
  ]
}

/** Makes a table whose rows are the ranks: viewers show it whatever the width of the page. */
function resultTable({ query, answers }: Examples['queries'][number], links: Links): string {
  const ranks = Math.max(...answers.map(({ found }) => found.length))
  const cells = Array.from({ length: ranks }, (_, rank) =>
    answers.map(({ found }) => {
      const one = found[rank]
      if (one === undefined) return ''
      const caption = `${one.isRight ? 'right' : '**wrong**'}, ${one.distance.toFixed(3)}`
      return `${image(one, links)} ${caption}: ${nameOf(one)}`
    }),
  )
  const titles = answers.map(({ by }) => (by === '' ? 'found' : shown(by)))
  return [
    image(query, links),
    '',
    `| | ${titles.join(' | ')} |`,
    `| ---: |${' --- |'.repeat(titles.length)}`,
    ...cells.map((row, rank) => `| ${rank + 1} | ${row.join(' | ')} |`),
  ].join('\n')
}

function image({ id, path }: ReportImage, links: Links): string {
  const link = links.get(path)
  return link === undefined ? '(no picture)' : `![${shown(id)}](${link})`
}

function nameOf({ id, label }: ReportImage): string {
  return `${shown(label)} (${shown(id)})`
}

/** Lets no text from outside become markup: CommonMark takes a backslash before any punctuation. */
function shown(text: string): string {
  return plainText(text).replace(/[\\`*_[\]<>&|~]/g, '\\$&')
}
